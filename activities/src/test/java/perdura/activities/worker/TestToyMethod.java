package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.experiments.figure.RunFigures;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.submit.IngestStarter;
import perdura.experiments.submit.PretrainSubmission;
import perdura.experiments.submit.PretrainSubmission.Created;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SweepExpansion;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events;
import perdura.store.Forks.Fork;
import perdura.store.Ingests;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.testkit.FreshDatabase;
import perdura.testkit.Repository;
import perdura.training.method.Methods;
import perdura.training.weights.WeightStore;
import perdura.workflows.IngestWorkflow;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.SweepWorkflow;

/** The example of docs/methods/your-own.md on the whole platform, which has never heard of it. */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestToyMethod {
    private static final Pattern NAME = Pattern.compile("\\btoy", Pattern.CASE_INSENSITIVE);

    private Path folder = Path.of("");
    private Path artifacts = Path.of("");
    private FreshDatabase postgres;
    private Database database;
    private EmbeddedTemporal server;
    private TemporalConnection temporal;
    private RunningSupervisor worker;
    private PretrainSubmission submission;
    private PretrainSpec spec;
    private Run undisturbed;
    private long stepsPerEpoch;

    @BeforeAll
    @Timeout(240)
    void train(@TempDir Path shared) throws IOException {
        folder = shared;
        artifacts = folder.resolve("artifacts");
        postgres = FreshDatabase.create();
        DatabaseConfig config = new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres");
        database = Database.open(config, DurableEffects.counting(), Duration.ofSeconds(30));
        server = new EmbeddedTemporal();
        temporal = TemporalConnection.open(server.config(), Duration.ofSeconds(30));
        worker = startWorker(config);
        submission = new PretrainSubmission(() -> database, new WeightStore(artifacts));
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(60, 3), done -> {});
        spec = Methods.load().specs().read(Files.writeString(folder.resolve("toy.yaml"), """
            apiVersion: perdura/v1
            kind: Pretrain
            name: toy
            experiment: test
            method: toy
            profile: tiny
            centred: true
            data: {format: mimic-cxr, root: data}
            resources: {device: cpu, threads: 1}
            """), List.of());
        undisturbed = finished(submit(null, null, spec));
        stepsPerEpoch = undisturbed.progress().position().step() / 3;
        assertThat(ToyPreparation.takeBegun(artifacts)).isEqualTo(begun(0));
    }

    private RunningSupervisor startWorker(DatabaseConfig store) {
        WorkerConfig config = new WorkerConfig(
                server.config(),
                store,
                null,
                null,
                artifacts,
                folder.resolve("worker"),
                List.of("cpu"),
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                Duration.ofMinutes(1),
                Duration.ofSeconds(20));
        DurableEffects effects = DurableEffects.counting();
        return new RunningSupervisor(
                new WorkerSupervisor(
                        config,
                        effects,
                        opened -> WorkerSupervisor.ingestedData(opened, config, effects),
                        WatchedSlot.class.getName()),
                config.workDir());
    }

    @AfterAll
    void stop() throws IOException {
        worker.close();
        temporal.close();
        server.close();
        database.close();
        postgres.close();
    }

    /** Steps and shards that a run begins with this epoch if nobody kills it. */
    private List<String> begun(int epoch) {
        List<String> all = new ArrayList<>();
        for (long begin = epoch * stepsPerEpoch; begin < 3 * stepsPerEpoch; begin += stepsPerEpoch) {
            all.addAll(List.of("shard 0 at " + begin, "shard 1 at " + begin));
        }
        LongStream.range(epoch * stepsPerEpoch, 3 * stepsPerEpoch).forEach(step -> all.add("step " + step));
        return all.stream().sorted().toList();
    }

    private Created submit(@Nullable Run origin, @Nullable Integer fromStage, PretrainSpec wanted) {
        return submission.submit(submission.check(wanted, origin, fromStage), new RunStarter(temporal.client()));
    }

    private Run finished(Created created) {
        RunId runId = created.runId();
        PretrainWorkflow.Result result =
                result(PretrainWorkflow.workflowId(runId.value()), PretrainWorkflow.Result.class);
        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
        return new Runs(database).loadRun(runId);
    }

    private <R> R result(String workflowId, Class<R> type) {
        return temporal.client().newUntypedWorkflowStub(workflowId).getResult(type);
    }

    @Test
    void killsWithinAShardAndWithinAnEpochLeaveTheBitsAlone() throws IOException {
        String shard = "shard 1 at " + stepsPerEpoch;
        ToyPreparation.killAt(artifacts, shard);
        ToyPreparation.killAt(artifacts, "step " + (2 * stepsPerEpoch + 1));

        Run killed = finished(submit(null, null, spec));

        assertThat(killed.progress().stateDigest())
                .isEqualTo(undisturbed.progress().stateDigest());
        assertThat(killed.binding().dataDigest())
                .isEqualTo(undisturbed.binding().dataDigest());
        assertThat(new Events(database).listEvents(killed.runId()))
                .filteredOn(event -> event.kind().equals("WORKER_DIED"))
                .hasSize(2);
        assertThat(points(killed, "train/loss")).isEqualTo(points(undisturbed, "train/loss"));
        List<String> shards = new ArrayList<>(begun(0));
        shards.removeIf(what -> what.startsWith("step"));
        shards.add(shard);
        assertThat(ToyPreparation.takeBegun(artifacts))
                .filteredOn(what -> what.startsWith("shard"))
                .containsExactlyInAnyOrderElementsOf(shards);
    }

    private List<Double> points(Run run, String key) {
        return new Metrics(database)
                .listPoints(run.runId(), key, 0).stream()
                        .map(MetricPoint::value)
                        .toList();
    }

    @Test
    void aForkTrainsItsStageFromTheCheckpointOfItsOrigin() throws IOException {
        Run same = fork();
        Run faster = fork("stages.1.learningRate=1e-2");
        Run again = fork("stages.1.learningRate=1e-2");

        assertThat(same.progress().stateDigest())
                .isEqualTo(undisturbed.progress().stateDigest());
        assertThat(faster.progress().stateDigest())
                .isNotEqualTo(undisturbed.progress().stateDigest())
                .isEqualTo(again.progress().stateDigest());
        assertThatThrownBy(() -> fork("dim=24"))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("dim is 24, of " + undisturbed.runId() + " 16");
    }

    /** What {@code perdura pretrain --from RUN --from-stage 2 --set SETTING} does. */
    private Run fork(String... settings) throws IOException {
        PretrainSpec wanted = Methods.load()
                .specs()
                .ofRun(undisturbed.identity().spec(), List.of(settings), ReferenceNames.digestsAlone());
        Created created = submit(undisturbed, 2, wanted);
        Fork fork = created.fork().orElseThrow();
        assertThat(List.of(fork.originStep(), (long) fork.ended(), (long) fork.stage()))
                .containsExactly(2 * stepsPerEpoch, 1L, 2L);
        Run run = finished(created);
        assertThat(ToyPreparation.takeBegun(artifacts)).isEqualTo(begun(2));
        return run;
    }

    @Test
    void aDownstreamTaskIsTriedOnItsEncoder() throws IOException {
        Path file = Files.writeString(folder.resolve("probe.yaml"), """
            apiVersion: perdura/v1
            kind: Sweep
            name: probe
            task: linear-probe
            base: {dataset: %s, encoder: %s@2, view: centre, epochs: 1}
            matrix: {seeds: [1]}
            resources: {device: cpu, threads: 1}
            objective: {metric: auroc, goal: max}
            """.formatted(ingestRsna(), undisturbed.runId()));
        SweepSubmission sweeps = new SweepSubmission(database, artifacts);
        SweepExpansion expansion = sweeps.read(
                "probe.yaml",
                (tasks, names) -> SweepReader.read(file, List.of(), tasks.schemas(), names, SweepReader.MOST_TRIALS));
        SweepPlan plan = sweeps.plan(expansion, false);
        String sweepId = sweeps.submit(expansion, plan, false);
        new SweepStarter(temporal.client()).start(sweepId);
        result(SweepWorkflow.workflowId(sweepId), SweepWorkflow.Result.class);

        List<TrialRow> trials = new SweepResults(database).list(sweepId);
        assertThat(trials).hasSize(1);
        Run trial = new Runs(database)
                .loadRun(new RunId(String.valueOf(trials.get(0).runId())));
        assertThat(trial.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(points(trial, "test/auroc"))
                .singleElement()
                .satisfies(auroc -> assertThat(auroc).isBetween(0.0, 1.0));
        ToyPreparation.takeBegun(artifacts); // of the trial
    }

    /** Through the platform, too; returns the digest of the data set. */
    private String ingestRsna() {
        Path root = folder.resolve("rsna");
        SynthConfig.Amount amount = new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 60);
        SyntheticSet.write(root, SynthConfig.standard(SynthConfig.Format.RSNA, amount, 11), 1, done -> {});
        IngestSpec ingest = new IngestSpec(
                SourceSet.RSNA,
                root,
                IngestSpec.Profile.STANDARD,
                64,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                IngestSpec.Sampling.STANDARD,
                false,
                false);
        String id = Ingest.key(ingest);
        new Ingests(database).begin(id, "rsna", IngestSpecJson.write(ingest));
        new IngestStarter(temporal.client()).start(id, IngestStarter.Share.ALL);
        return result(IngestWorkflow.workflowId(id), IngestWorkflow.Result.class)
                .digest();
    }

    @Test
    void itsFigureIsDrawn() {
        RunFigures figures = RunFigures.load(database, undisturbed.runId());
        List<String> lacks = new ArrayList<>();
        List<Path> drawn = figures.draw(figures.all(), folder, "cpu", 1, 1, lacks::add).values().stream()
                .flatMap(List::stream)
                .toList();
        assertThat(lacks).isEmpty();
        assertThat(drawn).singleElement().satisfies(file -> assertThat(file).isNotEmptyFile());
    }

    @Test
    void noFileOfThePlatformNamesIt() throws IOException {
        Path root = Repository.resolve("");
        List<String> naming = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root.toAbsolutePath().normalize())) {
            for (Path module : modules.filter(each -> Files.isDirectory(each.resolve("src/main")))
                    .filter(each -> !each.endsWith("toy-method"))
                    .toList()) {
                try (Stream<Path> files = Files.walk(module.resolve("src/main"))) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        if (namesToy(file)) {
                            naming.add(String.valueOf(file));
                        }
                    }
                }
            }
        }
        assertThat(root.resolve("toy-method/src/main")).isDirectory();
        assertThat(naming).isEmpty();
    }

    private static boolean namesToy(Path file) throws IOException {
        return NAME.matcher(Files.readString(file, StandardCharsets.ISO_8859_1)).find();
    }
}
