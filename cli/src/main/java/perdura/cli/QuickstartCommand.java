package perdura.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import perdura.cli.follow.FollowedRun;
import perdura.cli.settings.Setting;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.cli.stack.StackState;
import perdura.cli.stack.StackState.PartState;
import perdura.cli.words.Times;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.submit.PretrainSubmission;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.relay.Outbox;
import perdura.training.method.Methods;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the whole platform on a machine with nothing but Java and Maven: data, stack, training, result. */
@Command(
        name = "quickstart",
        description = {
            "Make synthetic data, start the stack, pre-train a small model, fine-tune it in a small sweep, and show what it has"
                    + " learned.",
            "Takes a few minutes. Everything lies in .perdura/, and stays there."
        })
final class QuickstartCommand extends Subcommand {
    private static final int STUDIES = 1500;
    private static final long SEED = 1;
    /** A first run is to show that it learns, within minutes. */
    private static final double DIFFICULTY = 0;

    private static final Duration DELIVERY_PATIENCE = Duration.ofMinutes(2);

    @Option(names = "--embedded", description = "without MLflow, even where Python 3 is; the outbox keeps everything")
    private boolean embedded;

    @Option(names = "--epochs", paramLabel = "N", description = "epochs of the training; default: ${DEFAULT-VALUE}")
    private int epochs = 20;

    @Override
    public Integer call() throws InterruptedException {
        Instant began = Instant.now();
        StackHome home = connection.stackHome();
        terminal.message("Perdura quickstart: everything goes to " + home.folder());
        if (home.loadState().isOwned()) {
            terminal.message("1/5  The stack runs already");
            Outcome outcome = train(home, prepareData(home), false, began);
            outcome.page().ifPresent(this::showPage);
            showNext("Next:", outcome);
            return outcome.status();
        }
        terminal.message("1/5  Starting Postgres, the embedded Temporal and a worker"
                + (embedded ? "" : "; MLflow beside them"));
        Outcome outcome = trainInForeground(home, began);
        if (!outcome.next().isEmpty()) {
            terminal.message("");
            terminal.message(
                    "The stack was stopped with the quickstart. First start it in the background, with these runs in it:");
            terminal.message("  " + Advice.UP.of());
            showNext("Then:", outcome);
            outcome.page().ifPresent(page -> terminal.message("  and in a browser " + page));
        }
        return outcome.status();
    }

    /**
     * What the quickstart came to.
     *
     * @param page of the run in MLflow
     * @param next commands for a stack that runs; empty if something failed
     */
    private record Outcome(int status, Optional<String> page, List<String> next) {}

    private void showPage(String page) {
        terminal.message("Curves in MLflow:");
        terminal.result(page);
    }

    private void showNext(String title, Outcome outcome) {
        if (!outcome.next().isEmpty()) {
            terminal.message("");
            terminal.message(title);
            outcome.next().forEach(command -> terminal.message("  " + command));
        }
    }

    private Outcome trainInForeground(StackHome home, Instant began) throws InterruptedException {
        StackOptions.Mlflow mlflow = embedded ? StackOptions.Mlflow.NONE : StackOptions.Mlflow.LOCAL;
        Map<Setting, String> given = connection.loadGiven().values();
        try (ForegroundStack stack = ForegroundStack.start(terminal, home, mlflow, List.of("auto"), given)) {
            Path spec = prepareData(home);
            stack.awaitUsable();
            Outcome outcome = train(home, spec, true, began);
            if (outcome.page().isPresent() && terminal.interactive()) {
                showPage(outcome.page().get());
                terminal.message("");
                terminal.message("MLflow runs until you press Enter.");
                awaitEnter();
            }
            return outcome;
        }
    }

    private Path prepareData(StackHome home) {
        Path data = home.data().resolve("quickstart-" + STUDIES + "-" + SEED + "-v" + SyntheticSet.VERSION);
        terminal.message("2/5  Synthetic data set of " + STUDIES + " studies in " + data);
        SynthConfig config = SynthConfig.of(STUDIES, SEED).withDifficulty(DIFFICULTY);
        DataSynthCommand.SynthProgress progress = new DataSynthCommand.SynthProgress(terminal, config.amount());
        MimicCxrSynth.write(data, config, progress);
        progress.end();
        return writeSpec(home, data);
    }

    private Path writeSpec(StackHome home, Path data) {
        String text = """
                apiVersion: perdura/v1
                kind: Pretrain
                name: quickstart
                experiment: quickstart
                method: prior
                profile: tiny
                data: {root: %s}
                stages:
                  - {stage: 1, epochs: %d}
                commit: {every: 20s}
                """.formatted(home.folder().relativize(data), epochs);
        return write(home.folder().resolve("quickstart.yaml"), text);
    }

    /** @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written */
    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.ARTIFACT_STORE_UNAVAILABLE, file + " cannot be written: " + e, e);
        }
    }

    private Outcome train(StackHome home, Path specFile, boolean foreground, Instant began)
            throws InterruptedException {
        PretrainSpec spec = Methods.load().specs().read(specFile, List.of());
        try (Connections connections = connection.open(Connections.Access.CHANGE)) {
            PretrainSubmission submission = new PretrainSubmission(connections::database, connection.weights());
            RunId runId = submission
                    .submit(submission.check(spec, null, null), connections.starter())
                    .runId();
            terminal.message("3/5  Pre-training PRIOR, stage 1, profile tiny: run " + runId);
            FollowedRun followed = foreground ? connections.followedInForeground() : connections.followed();
            int trained = followed.followToEnd(runId);
            if (trained != 0) {
                return new Outcome(trained, Optional.empty(), List.of());
            }
            terminal.message(
                    LearningSummary.of(connections.runs().loadRun(runId), new Metrics(connections.database())));
            terminal.message(
                    "4/5  Fine-tuning it, and a random encoder, on synthetic radiographs with pneumonia: a sweep");
            int status = new QuickstartSweep(terminal, home, connections).run(runId, connection.load());
            return new Outcome(status, summarise(home, connections, runId, began), next(home, runId));
        }
    }

    /** Says what was learned and where it lies; returns the run's page in MLflow. */
    private Optional<String> summarise(StackHome home, Connections connections, RunId runId, Instant began)
            throws InterruptedException {
        terminal.message("5/5  Done in " + Times.of(Duration.between(began, Instant.now())));
        terminal.message("");
        terminal.message("Checkpoints: " + home.artifacts().resolve(runId.value()));
        return awaitMlflow(home, connections, runId);
    }

    private static List<String> next(StackHome home, RunId runId) {
        return List.of(
                Advice.RUNS_SHOW.of(runId),
                Advice.LEADERBOARD.of("quickstart-sweep"),
                Advice.PRETRAIN.of(Path.of("")
                                .toAbsolutePath()
                                .relativize(home.folder().resolve("quickstart.yaml")))
                        + " --set seed=2");
    }

    /** Waits until MLflow has everything, if it is there; returns the page, or tells why there is none. */
    private Optional<String> awaitMlflow(StackHome home, Connections connections, RunId runId)
            throws InterruptedException {
        Outbox outbox = new Outbox(connections.database());
        Instant deadline = Instant.now().plus(DELIVERY_PATIENCE);
        while (isMlflowExpected(home.loadState())
                && outbox.countPending() > 0
                && Instant.now().isBefore(deadline)) {
            Thread.sleep(500);
        }
        Optional<String> page = MlflowPages.OfRun.find(
                connection.load().mlflow(), connections.runs().loadRun(runId));
        if (page.isEmpty()) {
            PartState mlflow = home.loadState().part(PartName.MLFLOW);
            terminal.message("MLflow: "
                    + (mlflow.phase() == PartState.Phase.UNAVAILABLE
                            ? mlflow.detail()
                            : "not delivered yet; the outbox keeps everything, " + Advice.UP.in() + " delivers it"));
        }
        return page;
    }

    private static boolean isMlflowExpected(StackState state) {
        PartState mlflow = state.part(PartName.MLFLOW);
        return mlflow.phase() != PartState.Phase.UNAVAILABLE && mlflow.phase() != PartState.Phase.STOPPED;
    }

    private static void awaitEnter() {
        try {
            int read = System.in.read();
            while (read >= 0 && read != '\n') {
                read = System.in.read();
            }
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the terminal cannot be read", e);
        }
    }

    /** Says in one sentence what a pre-training has learned. */
    static final class LearningSummary {
        private static final String KEY = "train/loss_global";
        // One batch's loss jumps; the mean over some tells.
        private static final int POINTS = 20;

        private LearningSummary() {}

        static String of(Run run, Metrics metrics) {
            List<MetricPoint> points = metrics.listPoints(run.runId(), KEY, 0);
            if (points.isEmpty()) {
                return "No values of " + KEY + " are there.";
            }
            int batch = Methods.load().specs().readStored(run.identity().spec()).batchSize();
            int some = Math.min(POINTS, points.size());
            return String.format(
                    Locale.ROOT,
                    "Image-report contrast loss: %.2f at the begin, %.2f at the end; guessing among the %d pairs of a batch"
                            + " gives ln %d = %.2f.",
                    mean(points.subList(0, some)),
                    mean(points.subList(points.size() - some, points.size())),
                    batch,
                    batch,
                    Math.log(batch));
        }

        private static double mean(List<MetricPoint> points) {
            return points.stream().mapToDouble(MetricPoint::value).average().orElse(Double.NaN);
        }
    }
}
