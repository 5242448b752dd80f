package perdura.training.loop;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.TrainState;

/**
 * Drives a {@link TrainingJob} from one commit to the next. A commit is due by time, by steps, at the end of a stage, at the
 * end of an epoch that tells the selection metric, at the last step, and when the loop is asked to stop. For a commit the loop only
 * copies the state; a thread of its own writes and publishes it while steps go on, one commit at a time. A commit that is due by time
 * while another is on its way waits for the next step after that; every other one is waited for.
 */
public record TrainLoop(
        TrainingJob job,
        CommitSpec policy,
        CheckpointWriter writer,
        CommitSink sink,
        LoopObserver observer,
        StopRequest stop,
        LoopClock clock) {
    static final String IMAGES_PER_SECOND = "system/images_per_second";
    static final String DATA_WAIT_MS = "system/data_wait_ms";

    /**
     * Trains until {@code untilStep} optimiser steps of the run are done and committed, or until the job ends early or the loop is
     * asked to stop. To be called by the thread that made the job.
     *
     * @param start what the job holds: the state of the last commit
     * @param untilStep at least the steps done, at most the job's total
     * @throws perdura.grids.spec.PerduraException of a step, of writing the checkpoint or of the sink. A commit that is on
     *     its way when a step fails is waited for. PREEMPTED if the thread is interrupted while it waits for a commit
     */
    public LoopResult run(CommittedState start, long untilStep) {
        long fromStep = start.position().step();
        if (untilStep < fromStep || untilStep > job.totalSteps()) {
            throw new IllegalArgumentException(
                    "untilStep must be in [" + fromStep + ", " + job.totalSteps() + "], was " + untilStep);
        }
        try (CommitThread commits = new CommitThread(writer, sink, start)) {
            Pass pass = new Pass(commits, fromStep, untilStep);
            try {
                return pass.run();
            } catch (RuntimeException | Error e) {
                awaitBeside(e, commits);
                if (!(e instanceof PerduraException known) || isLast(known.code())) {
                    keepBeside(e, pass);
                }
                throw e;
            }
        }
    }

    private static void awaitBeside(Throwable failure, CommitThread commits) {
        try {
            commits.await();
        } catch (RuntimeException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    /** Whether the same steps are not taken again, so that what they measured would be lost. */
    private static boolean isLast(ErrorCode code) {
        return !code.isRetryable() && code != ErrorCode.FENCED;
    }

    private void keepBeside(Throwable failure, Pass pass) {
        try {
            if (!pass.points.isEmpty() || !pass.events.isEmpty()) {
                sink.keep(pass.points, pass.events);
            }
        } catch (RuntimeException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    /** One call of {@link #run}. */
    private final class Pass {
        private final CommitThread commits;
        private final long fromStep;
        private final long untilStep;
        private final StepRate rate = new StepRate();

        private long stepsDone;
        private long copiedStep;
        private long copiedNanos = clock.nanoTime();
        private List<MetricPoint> points = new ArrayList<>();
        private List<OnceEvent> events = new ArrayList<>();
        private @Nullable Double score;
        private long steppingNanos;
        private long copyingNanos;
        private long waitingNanos;

        Pass(CommitThread commits, long fromStep, long untilStep) {
            this.commits = commits;
            this.fromStep = fromStep;
            this.untilStep = untilStep;
            this.stepsDone = fromStep;
            this.copiedStep = fromStep;
        }

        LoopResult run() {
            while (stepsDone < end() && stop.reason().isEmpty()) {
                step();
                boolean free = !commits.isBusy();
                if (score != null || isStageEnd() || isDueBySteps() || (isDueByTime() && free)) {
                    commit();
                }
            }
            if (stepsDone > copiedStep) {
                commit();
            }
            await();
            return new LoopResult(
                    commits.last(),
                    stepsDone < end() ? stop.reason().orElse(null) : null,
                    stepsDone - fromStep,
                    commits.commits(),
                    Duration.ofNanos(steppingNanos),
                    Duration.ofNanos(copyingNanos),
                    Duration.ofNanos(waitingNanos));
        }

        /** A job may end earlier than was planned. */
        private long end() {
            return Math.min(untilStep, job.totalSteps());
        }

        private void step() {
            if (stepsDone == fromStep || !isSameEpoch(stepsDone - 1, stepsDone)) {
                job.epochBegins(job.positionAfter(stepsDone));
            }
            Duration waitedBefore = job.waitedForData();
            long begun = clock.nanoTime();
            Map<String, Double> metrics = job.step(stepsDone);
            long stepped = clock.nanoTime();
            steppingNanos += stepped - begun;
            Instant now = clock.now();
            add(metrics, now);
            add(pace(stepped - begun, job.waitedForData().minus(waitedBefore)), now);
            add(job.stepEnded(stepsDone), now);
            if (!isSameEpoch(stepsDone, stepsDone + 1)) {
                Position epoch = job.positionAfter(stepsDone);
                StepDiagnostics ended = job.epochEnded(new Position(epoch.stage(), epoch.epoch(), stepsDone + 1));
                add(ended, now);
                score = job.selectionMetric()
                        .map(ended.metrics()::get)
                        .filter(Double::isFinite)
                        .orElse(null);
            }
            stepsDone++;
            observer.stepEnded(stepsDone, metrics, rate.after(stepped - begun));
        }

        private boolean isSameEpoch(long before, long after) {
            Position one = job.positionAfter(before);
            Position other = job.positionAfter(after);
            return one.stage() == other.stage() && one.epoch() == other.epoch();
        }

        private void add(StepDiagnostics diagnostics, Instant now) {
            add(diagnostics.metrics(), now);
            events.addAll(diagnostics.events());
        }

        private void add(Map<String, Double> metrics, Instant now) {
            metrics.forEach((key, value) -> points.add(new MetricPoint(key, value, stepsDone, now)));
        }

        /** Differs whenever the step is executed; the store keeps what came first. */
        private Map<String, Double> pace(long stepNanos, Duration waited) {
            Map<String, Double> pace = new LinkedHashMap<>();
            if (job.samplesPerStep() > 0) {
                pace.put(IMAGES_PER_SECOND, job.samplesPerStep() * 1e9 / Math.max(stepNanos, 1));
                pace.put(DATA_WAIT_MS, waited.toNanos() / 1e6);
            }
            return pace;
        }

        private boolean isStageEnd() {
            return stepsDone == job.totalSteps()
                    || job.positionAfter(stepsDone).stage()
                            != job.positionAfter(stepsDone - 1).stage();
        }

        private boolean isDueBySteps() {
            Long everySteps = policy.everySteps();
            return everySteps != null && stepsDone - copiedStep >= everySteps;
        }

        private boolean isDueByTime() {
            return clock.nanoTime() - copiedNanos >= policy.every().toNanos();
        }

        private void commit() {
            await();
            long begun = clock.nanoTime();
            Position position = job.positionAfter(stepsDone);
            TrainState state = job.copyState();
            copiedNanos = clock.nanoTime();
            copyingNanos += copiedNanos - begun;
            commits.start(position, state, isStageEnd(), score, points, events);
            score = null;
            copiedStep = stepsDone;
            points = new ArrayList<>();
            events = new ArrayList<>();
        }

        private void await() {
            long begun = clock.nanoTime();
            commits.await();
            waitingNanos += clock.nanoTime() - begun;
        }
    }

    /** Steps per second, as a moving average of the steps' durations. */
    private static final class StepRate {
        /** Weight of the newest step: about the last twenty count. */
        private static final double NEWEST = 0.1;

        private double meanNanos;

        /** The rate after one more step. */
        double after(long nanos) {
            meanNanos = meanNanos == 0 ? nanos : meanNanos + NEWEST * (nanos - meanNanos);
            return 1e9 / Math.max(meanNanos, 1);
        }
    }

    /**
     * The loop's two clocks: the time of day for metric points, and nanoseconds that never run backwards for intervals.
     */
    public record LoopClock(InstantSource timeOfDay, LongSupplier nanos) {
        /** The clocks of the machine. */
        public static LoopClock system() {
            return new LoopClock(InstantSource.system(), System::nanoTime);
        }

        Instant now() {
            return timeOfDay.instant();
        }

        long nanoTime() {
            return nanos.getAsLong();
        }
    }

    /** Sees every step as it ends: for heartbeats and progress bars. Called by the loop's thread, so it must be quick. */
    public interface LoopObserver {
        /**
         * A step has ended.
         *
         * @param stepsDone optimiser steps done since the run began
         * @param metrics of this step, as the job gave them
         * @param stepsPerSecond recent rate
         */
        void stepEnded(long stepsDone, Map<String, Double> metrics, double stepsPerSecond);
    }

    /**
     * How a call of the loop ended. All its steps are committed.
     *
     * @param last the last commit
     * @param stoppedBy why it ended before its last step, or null if it did not
     * @param steps optimiser steps that this call ran
     * @param commits commits that this call made
     * @param stepping time inside steps
     * @param copying time in which steps waited for a copy of the state
     * @param waiting time in which steps, or the end of the call, waited for a commit
     */
    public record LoopResult(
            CommittedState last,
            StopRequest.@Nullable Reason stoppedBy,
            long steps,
            int commits,
            Duration stepping,
            Duration copying,
            Duration waiting) {}

    /**
     * What a loop hands over to be published: a checkpoint that lies complete on disk, and the metric points of the steps
     * since the last commit. A point is in exactly one commit of a loop.
     *
     * @param stageEnd whether the checkpoint ends a stage, and so outlives the retention rule
     * @param score of the job's selection metric at this very step, finite; null where it is not told
     * @param points by step, and within a step in the order of the job
     * @param events of the same steps, in their order
     */
    public record TrainCommit(
            Checkpoint checkpoint,
            boolean stageEnd,
            @Nullable Double score,
            List<MetricPoint> points,
            List<OnceEvent> events) {
        public TrainCommit {
            events = List.copyOf(events);
            points = List.copyOf(points);
        }
    }

    /** Where commits go: the store. */
    public interface CommitSink {
        /**
         * Publishes a commit, and returns when it is durable. Waits out what heals by itself. Called by the loop's writer
         * thread, one commit at a time, in the order of steps.
         *
         * @throws perdura.grids.spec.PerduraException ends the loop with the same exception; FENCED if another attempt has
         *     claimed the run
         */
        void publish(TrainCommit commit);

        /**
         * Keeps what was measured after the last commit, when a step has failed for good and no further commit follows. Called by the
         * loop's thread. A sink for commits alone keeps nothing.
         *
         * @param points of steps before the one that failed
         */
        default void keep(List<MetricPoint> points, List<OnceEvent> events) {}
    }
}
