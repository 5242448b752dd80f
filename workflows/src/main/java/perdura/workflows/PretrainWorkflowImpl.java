package perdura.workflows;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Functions.Func;
import io.temporal.workflow.Workflow;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;
import perdura.workflows.DataActivities.EpochBegin;
import perdura.workflows.DataActivities.PreparedRun;
import perdura.workflows.RunActivities.OpenedRun;
import perdura.workflows.RunActivities.RunEnd;
import perdura.workflows.TrainActivities.PrepareTime;
import perdura.workflows.TrainActivities.SegmentInput;
import perdura.workflows.TrainActivities.SegmentResult;

/** Has a run's DAG run, prepares the run, trains it segment by segment, and finishes it. */
public final class PretrainWorkflowImpl implements PretrainWorkflow {
    /** Segments of one execution; each adds about ten events, so that a history stays small. */
    static final int SEGMENTS_PER_EXECUTION = 100;

    /** Of a run whose epochs are prepared: a preparation adds up to 400, and the service calls 4,096 long. */
    static final int EVENTS_PER_EXECUTION = 3_000;

    private final PretrainActivityStubs activities;
    private final RunActivities runs;
    private Phase phase = Phase.PREPARING;
    private long step;
    private long totalSteps;
    private String stateDigest = "";
    private @Nullable String slotQueue;
    private boolean paused;
    private boolean stopped;
    private @Nullable CancellationScope activityScope;
    private @Nullable EpochPreparer preparer;
    private long prepareMillis;
    private long combineMillis;

    public PretrainWorkflowImpl(ActivityTimeouts timeouts) {
        this.activities = new PretrainActivityStubs(timeouts);
        this.runs = activities.runs();
    }

    @Override
    public Result run(Input input) {
        paused |= input.paused();
        slotQueue = input.slotQueue();
        prepareMillis = input.prepareMillis();
        combineMillis = input.combineMillis();
        try {
            OpenedRun opened = runs.openRun(input.runId());
            step = opened.step();
            stateDigest = opened.stateDigest();
            if (opened.status() == RunStatus.FINISHED) {
                phase = Phase.DONE;
                return new Result(input.runId(), RunStatus.FINISHED, step, stateDigest);
            }
            if (opened.paused() && !paused) {
                runs.markPaused(input.runId(), false);
            }
            String dag = opened.dag();
            if (dag != null && step == 0 && input.prepared() == null) {
                awaitDag(input.runId());
            }
            train(input);
        } catch (CanceledFailure e) {
            stopped = true;
        } catch (ActivityFailure e) {
            if (isNonRetryable(e)) {
                throw fail(input.runId(), e);
            }
            stopped = true; // only a cancellation ends a retryable activity without success
        }
        return finish(input.runId());
    }

    @Override
    public void pause() {
        paused = true;
        switch (phase) {
            case AWAITING_DAG, PREPARING_EPOCH, TRAINING -> cancelActivity("pause");
            default -> {} // heard at the next segment
        }
    }

    @Override
    public void resume() {
        paused = false;
    }

    @Override
    public void stop() {
        stopped = true;
        cancelActivity("stop");
    }

    @Override
    public Progress progress() {
        EpochPreparer now = preparer;
        return now == null
                ? new Progress(phase, step, totalSteps)
                : new Progress(phase, step, totalSteps, now.done(), now.shards());
    }

    /** The DAG run goes on by itself when the wait for it ends early. */
    private void awaitDag(String runId) {
        AirflowActivities airflow = activities.airflow();
        while (!isEnding()) {
            if (paused) {
                waitForResume(runId);
                continue;
            }
            phase = Phase.AWAITING_DAG;
            try {
                inScope(() -> airflow.runDag(runId));
                phase = Phase.PREPARING;
                return;
            } catch (ActivityFailure e) {
                if (isNonRetryable(e)) {
                    throw e;
                }
            }
        }
    }

    private void train(Input input) {
        PreparedRun prepared = input.prepared();
        if (stopped) {
            return;
        }
        if (prepared == null) {
            prepared = prepare(input.runId());
        }
        totalSteps = prepared.totalSteps();
        for (int segment = 0; step < totalSteps && !isEnding(); segment++) {
            if (paused) {
                waitForResume(input.runId());
                continue;
            }
            if (isHistoryLong(segment, prepared)) {
                Workflow.continueAsNew(
                        new Input(input.runId(), paused, prepared, slotQueue, prepareMillis, combineMillis));
            }
            if (SegmentPlan.isPrepared(step, prepared) && !prepareEpoch(input.runId())) {
                continue; // a pause or a stop came
            }
            phase = Phase.TRAINING;
            trainSegment(new SegmentInput(input.runId(), SegmentPlan.untilStep(step, prepared), prepareTime()));
        }
    }

    private PreparedRun prepare(String runId) {
        DataActivities data = activities.data();
        return inScope(() -> data.prepareRun(runId));
    }

    /** False if it was interrupted. */
    private boolean prepareEpoch(String runId) {
        phase = Phase.PREPARING_EPOCH;
        EpochPreparer epoch = new EpochPreparer(activities.data(), activities.epochs(runId));
        preparer = epoch;
        long begun = Workflow.currentTimeMillis();
        try {
            inScope(() -> epoch.prepare(new EpochBegin(runId, step, stateDigest)));
            return true;
        } catch (CanceledFailure e) {
            return false;
        } catch (ActivityFailure e) {
            if (isNonRetryable(e)) {
                throw e;
            }
            return false;
        } finally {
            preparer = null;
            if (epoch.shards() > 0) {
                prepareMillis += Workflow.currentTimeMillis() - begun;
                combineMillis += epoch.combineMillis();
            }
        }
    }

    private @Nullable PrepareTime prepareTime() {
        return prepareMillis == 0 ? null : new PrepareTime(prepareMillis / 1000.0, combineMillis / 1000.0);
    }

    /** First on the slot that holds the model, then on any. */
    private void trainSegment(SegmentInput input) {
        String own = slotQueue;
        if (own != null) {
            TrainActivities slot = activities.ownSlot(input.runId(), own);
            if (tried(() -> slot.trainSegment(input)) || paused || isEnding()) {
                return;
            }
        }
        TrainActivities slot = activities.anySlot(input.runId());
        tried(() -> slot.trainSegment(input));
    }

    /** Runs a segment; false if it ended without a result, in a way that another attempt may heal. */
    private boolean tried(Func<SegmentResult> segment) {
        slotQueue = null;
        try {
            SegmentResult done = inScope(segment);
            if (done.step() > step) {
                prepareMillis = 0;
                combineMillis = 0;
            }
            step = done.step();
            stateDigest = done.stateDigest();
            slotQueue = done.slotQueue();
            return true;
        } catch (ActivityFailure e) {
            if (isNonRetryable(e)) {
                throw e;
            }
            return false;
        }
    }

    /** Calls an activity so that signals can cancel it. */
    private <R> R inScope(Func<R> activity) {
        AtomicReference<@Nullable R> result = new AtomicReference<>();
        CancellationScope scope = Workflow.newCancellationScope(() -> result.set(activity.apply()));
        activityScope = scope;
        try {
            scope.run();
            return Objects.requireNonNull(result.get());
        } finally {
            activityScope = null;
        }
    }

    private void waitForResume(String runId) {
        phase = Phase.PAUSED;
        runs.markPaused(runId, true);
        Workflow.await(() -> !paused || stopped);
        if (!stopped) {
            runs.markPaused(runId, false);
        }
    }

    private static boolean isHistoryLong(int segments, PreparedRun prepared) {
        boolean manyEvents =
                prepared.epochsArePrepared() && Workflow.getInfo().getHistoryLength() > EVENTS_PER_EXECUTION;
        return (segments >= SEGMENTS_PER_EXECUTION
                        || manyEvents
                        || Workflow.getInfo().isContinueAsNewSuggested())
                && Workflow.isEveryHandlerFinished();
    }

    private boolean isEnding() {
        return stopped || CancellationScope.current().isCancelRequested();
    }

    private Result finish(String runId) {
        RunStatus status = totalSteps > 0 && step >= totalSteps ? RunStatus.FINISHED : RunStatus.KILLED;
        phase = Phase.STOPPING;
        detached(new RunEnd(runId, status, "", ""));
        phase = Phase.DONE;
        return new Result(runId, status, step, stateDigest);
    }

    private ApplicationFailure fail(String runId, ActivityFailure e) {
        ApplicationFailure cause = (ApplicationFailure) Objects.requireNonNull(e.getCause());
        String message = Objects.requireNonNullElse(cause.getOriginalMessage(), "");
        phase = Phase.STOPPING;
        detached(new RunEnd(runId, RunStatus.FAILED, cause.getType(), message));
        phase = Phase.DONE;
        return ApplicationFailure.newNonRetryableFailureWithCause(message, cause.getType(), e);
    }

    /** Outside the workflow's own cancellation, which must not keep the store from the run's end. */
    private void detached(RunEnd end) {
        Workflow.newDetachedCancellationScope(() -> runs.finishRun(end)).run();
    }

    private static boolean isNonRetryable(ActivityFailure e) {
        return e.getCause() instanceof ApplicationFailure cause && cause.isNonRetryable();
    }

    private void cancelActivity(String reason) {
        if (activityScope != null) {
            activityScope.cancel(reason);
        }
    }

    /**
     * Where a segment ends: at the end of an epoch, after as many epochs as make a segment worth its bookkeeping; of a run whose epochs
     * are prepared, at the end of the first one.
     */
    static final class SegmentPlan {
        /** Below this many steps a segment takes in another epoch. */
        static final long FEWEST_STEPS = 200;

        private SegmentPlan() {}

        /** The step at which the segment that begins at {@code from} ends. */
        static long untilStep(long from, PreparedRun prepared) {
            long epoch = Math.max(1, prepared.stepsPerEpoch());
            long epochs = prepared.epochsArePrepared() ? from / epoch + 1 : (from + FEWEST_STEPS + epoch - 1) / epoch;
            return Math.min(epochs * epoch, prepared.totalSteps());
        }

        /** Whether the epoch that begins at this step may need a preparation. */
        static boolean isPrepared(long step, PreparedRun prepared) {
            return prepared.epochsArePrepared() && step % Math.max(1, prepared.stepsPerEpoch()) == 0;
        }
    }
}
