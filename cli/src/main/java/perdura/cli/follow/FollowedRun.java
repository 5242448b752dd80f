package perdura.cli.follow;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.experiments.compare.MlflowPages;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Run;
import perdura.store.relay.MlflowConfig;

/** Follows one run in a command. Its end decides the command's exit status. */
public final class FollowedRun {
    private final Terminal terminal;
    private final RunFollower follower;
    private final Function<RunId, String> wayOn;
    private final Optional<MlflowConfig> mlflow;
    private final String onInterrupt;

    /**
     * Names what is followed with.
     *
     * @param wayOn the command by which a run goes on that has ended before its end
     * @param mlflow where the run's page is
     * @param onInterrupt what Ctrl-C means for the run, and how to come back; {@code RUN} stands for its id
     */
    public FollowedRun(
            Terminal terminal,
            RunFollower follower,
            Function<RunId, String> wayOn,
            Optional<MlflowConfig> mlflow,
            String onInterrupt) {
        this.terminal = terminal;
        this.wayOn = wayOn;
        this.follower = follower;
        this.mlflow = mlflow;
        this.onInterrupt = onInterrupt;
    }

    /** Returns 0 if the run finished, 1 if it failed or was stopped. */
    public int followToEnd(RunId runId) throws InterruptedException {
        Runnable onExit = () -> {
            follower.silence();
            terminal.message(onInterrupt.replace("RUN", runId.value()));
        };
        return report(InterruptHook.follow(onExit, () -> follower.follow(runId)));
    }

    /** Says how a run ended; returns the exit status for it. */
    public int report(Run run) {
        MlflowPages.OfRun.find(mlflow, run).ifPresent(page -> terminal.message("MLflow: " + page));
        RunId runId = run.runId();
        if (run.status() == RunStatus.FINISHED) {
            terminal.message(String.format(
                    Locale.ROOT,
                    "Finished: %d steps%s.",
                    run.progress().position().step(),
                    took(run)));
            terminal.result(runId + " FINISHED " + run.progress().stateDigest());
            return 0;
        }
        if (run.status() == RunStatus.KILLED) {
            terminal.message(
                    "Stopped at step " + run.progress().position().step() + "; go on with: " + wayOn.apply(runId));
            return 1;
        }
        terminal.message("FAILED at step " + run.progress().position().step() + ", "
                + run.outcome().errorCode() + ": " + run.outcome().errorMessage());
        terminal.message(remedy(run));
        return 1;
    }

    private static String took(Run run) {
        return run.outcome().startedAt() == null || run.outcome().endedAt() == null
                ? ""
                : " in "
                        + Times.of(Duration.between(
                                run.outcome().startedAt(), run.outcome().endedAt()));
    }

    private String remedy(Run run) {
        String resume = "then go on with: " + wayOn.apply(run.runId());
        ErrorCode code = Arrays.stream(ErrorCode.values())
                .filter(known -> known.name().equals(run.outcome().errorCode()))
                .findFirst()
                .orElse(ErrorCode.INTERNAL);
        return switch (code) {
            case INVALID_SPEC -> "Correct the spec and start a new run.";
            case INVALID_DATA -> "Repair the data (" + Advice.DATA_INSPECT.of("DIR") + " lists every fault), " + resume;
            case DATA_LEAK -> "Train on other data, or allow the overlap in the spec, and start a new run.";
            case DATA_CHANGED -> "Bring the data set back that the run began with, " + resume + ", or start a new run.";
            case PREPARATION_FAILED ->
                "Remove the cause, clear the DAG run in Airflow if there is one (it keeps its id), " + resume;
            case TRAINING_DIVERGED -> "Start a new run with a lower learning rate, a longer warm-up or clipNorm.";
            case OUT_OF_MEMORY -> "Start a new run with a smaller batchSize, or take a larger device, " + resume;
            case NO_PROGRESS ->
                "Look at the run's crash logs (" + Advice.RUNS_SHOW.of(run.runId()) + "), remove the cause, " + resume;
            case ENVIRONMENT_CHANGED ->
                "Resume on a worker of the first kind, or allow the change with"
                        + " resume.environment: record in a new run.";
            case ARTIFACT_STORE_UNAVAILABLE -> "Make room in the artifact folder, " + resume;
            default -> "See " + Advice.DOCTOR.in() + " and " + Advice.RUNS_SHOW.in(run.runId()) + ", " + resume;
        };
    }

    /** What a command does when it is interrupted while it follows something. */
    public static final class InterruptHook {
        private InterruptHook() {}

        /** Follows to an end. */
        public interface Followed<T> {
            T follow() throws InterruptedException;
        }

        /**
         * Follows something to its end.
         *
         * @param onInterrupt run if the process ends meanwhile
         */
        public static <T> T follow(Runnable onInterrupt, Followed<T> followed) throws InterruptedException {
            Thread hook = new Thread(onInterrupt);
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                return followed.follow();
            } finally {
                forget(hook);
            }
        }

        private static void forget(Thread hook) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process ends already, and the hook has run.
                Thread.currentThread().interrupt();
            }
        }
    }
}
