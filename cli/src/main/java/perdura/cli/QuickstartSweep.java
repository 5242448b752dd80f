package perdura.cli;

import java.nio.file.Path;
import java.util.List;
import perdura.cli.compare.LeaderboardTable;
import perdura.cli.follow.IngestFollower;
import perdura.cli.report.ReportFile;
import perdura.cli.settings.Settings;
import perdura.cli.stack.StackHome;
import perdura.cli.words.Glyphs;
import perdura.cli.words.Terminal;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.experiments.compare.SweepView;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.submit.IngestStarter;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.IngestStatus;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SweepExpansion;
import perdura.store.Ingests;
import perdura.store.StoredIngest;

/** The sweep of the quickstart: fine-tunes its own pre-training, and a random encoder beside it, for pneumonia in synthetic radiographs. */
final class QuickstartSweep {
    private static final int PATIENTS = 600;
    private static final long SEED = 2;
    private static final double DIFFICULTY = 0.25;
    /** That of the profile tiny. */
    private static final int IMAGE_SIZE = 64;

    private static final int WIDTH = 100;
    private static final int TOP = 10;

    private static final String DATA = "quickstart-rsna";

    private final Terminal terminal;
    private final StackHome home;
    private final Connections connections;

    QuickstartSweep(Terminal terminal, StackHome home, Connections connections) {
        this.terminal = terminal;
        this.home = home;
        this.connections = connections;
    }

    /** Makes the data, runs the sweep to its end, and shows what came out. Returns its status for the shell. */
    int run(RunId pretraining, Settings settings) throws InterruptedException {
        String sweepId = submit(pretraining);
        int status = connections.followedSweep().followToEnd(sweepId);
        SweepView view = SweepView.load(connections.database(), sweepId, List.of());
        terminal.message("");
        terminal.message(new LeaderboardTable(view.comparison(), Glyphs.of(terminal), WIDTH)
                .text(TOP)
                .table());
        ReportFile report = new ReportFile(connections.database());
        String html = report.html(
                view,
                settings.mlflow().map(server -> server.trackingUri().toString()).orElse(null));
        Path page = home.folder().resolve(sweepId + ".html");
        ReportFile.write(page, html);
        report.log(settings.artifacts(), html, view);
        terminal.message("Report page: " + page);
        return status;
    }

    private String submit(RunId pretraining) throws InterruptedException {
        ingest(synthesize());
        SweepSubmission submission = new SweepSubmission(connections.database(), home.artifacts());
        Path file = write(pretraining);
        SweepExpansion expansion = submission.read(
                file.toString(),
                (tasks, references) ->
                        SweepReader.read(file, List.of(), tasks.schemas(), references, SweepReader.MOST_TRIALS));
        SweepPlan plan = submission.plan(expansion, false);
        String sweepId = submission.submit(expansion, plan, false);
        connections.sweepStarter().start(sweepId);
        return sweepId;
    }

    private Path synthesize() {
        Path folder = home.data().resolve(DATA + "-" + PATIENTS + "-" + SEED + "-v" + SyntheticSet.VERSION);
        SynthConfig config = new SynthConfig(
                SynthConfig.Format.RSNA,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, PATIENTS),
                SEED,
                DIFFICULTY,
                SynthConfig.Format.RSNA.defaultImageSize(),
                SynthConfig.SiimCopy.STAGE_1);
        DataSynthCommand.SynthProgress progress = new DataSynthCommand.SynthProgress(terminal, config.amount());
        SyntheticSet.write(folder, config, Runtime.getRuntime().availableProcessors(), progress);
        progress.end();
        return folder;
    }

    private void ingest(Path folder) throws InterruptedException {
        IngestSpec spec = IngestFlags.standard(SourceSet.RSNA, folder, IMAGE_SIZE);
        String id = Ingest.key(spec);
        Ingests ingests = new Ingests(connections.database());
        IngestStarter starter = connections.ingestStarter();
        ingests.begin(id, DATA, IngestSpecJson.write(spec));
        starter.start(id, IngestStarter.Share.ALL);
        StoredIngest end =
                new IngestFollower(terminal, ingests).follow(id, () -> starter.isRunning(id, IngestStarter.Share.ALL));
        if (end.status() != IngestStatus.FINISHED) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "the ingest of " + folder + " failed: " + end.outcome().errorMessage());
        }
    }

    private Path write(RunId pretraining) {
        String text = """
                apiVersion: perdura/v1
                kind: Sweep
                name: quickstart-sweep
                experiment: quickstart
                task: supervised-classification
                base:
                  dataset: %s
                  imageSize: %d
                  epochs: 5
                  batchSize: 16
                  learningRate: 1e-3
                  model: {width: 8, blocks: [1, 1, 1, 1]}   # sizes of the profile tiny
                matrix:
                  encoder: [%s, null]                        # pre-trained, and at random
                  fraction: [0.1, 1]
                  seeds: [1, 2, 3]
                objective: {metric: auroc, goal: max}
                """.formatted(DATA, IMAGE_SIZE, pretraining);
        return QuickstartCommand.write(home.folder().resolve("quickstart-sweep.yaml"), text);
    }
}
