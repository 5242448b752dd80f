package perdura.workflows;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepStatus;
import perdura.workflows.ShardWorkflow.Dispatch;
import perdura.workflows.SweepActivities.EndedSweep;
import perdura.workflows.SweepActivities.OpenedSweep;
import perdura.workflows.SweepActivities.SweepEnd;
import perdura.workflows.SweepActivities.SweepMark;
import perdura.workflows.SweepActivities.SweepOpening;

/** Runs shards until the store gives nothing out any more, and tells them what signals ask for. */
public final class SweepWorkflowImpl implements SweepWorkflow {
    /** Before it asks again a store that neither gives trials nor calls the sweep ended. */
    private static final Duration BEFORE_ANOTHER_LOOK = Duration.ofSeconds(5);

    private final SweepActivityStubs calls;
    private final SweepSignals signals = new SweepSignals();
    private LiveShards shards = new LiveShards("", "", Tally.NONE);
    private OpenedSweep settings = new OpenedSweep(SweepStatus.RUNNING, 0, 1, 0, 0, null);
    private Phase phase = Phase.OPENING;
    private @Nullable SweepStatus marked;
    private @Nullable CancellationScope wallTime;
    private @Nullable ApplicationFailure refused;

    public SweepWorkflowImpl(ActivityTimeouts timeouts) {
        this.calls = new SweepActivityStubs(timeouts);
    }

    @Override
    public Result run(Input input) {
        CancellationScope.current().getCancellationRequest().thenApply(reason -> {
            signals.cancel();
            return true;
        });
        // The cancellation of the workflow must not keep the store from the sweep's end.
        AtomicReference<@Nullable Result> result = new AtomicReference<>();
        Workflow.newDetachedCancellationScope(() -> result.set(work(input))).run();
        return Objects.requireNonNull(result.get());
    }

    @Override
    public void pause() {
        signals.pause();
    }

    @Override
    public void resume() {
        signals.resume();
    }

    @Override
    public void stop() {
        signals.stop("");
    }

    @Override
    public void cancel() {
        signals.cancel();
    }

    @Override
    public void changed() {
        signals.change();
    }

    @Override
    public Progress progress() {
        return new Progress(phase, settings.concurrency(), shards.size(), shards.tally());
    }

    private Result work(Input input) {
        String sweepId = input.sweepId();
        String execution = Workflow.getInfo().getFirstExecutionRunId(); // stays when the workflow continues as new
        shards = new LiveShards(sweepId, execution, Objects.requireNonNullElse(input.sofar(), Tally.NONE));
        read(sweepId, execution);
        signals.adopt(settings.status());
        marked = settings.status();
        while (!settings.status().isTerminal()) {
            int seenSignals = signals.count;
            int seenEnds = shards.ended();
            if (signals.changed) {
                signals.changed = false;
                read(sweepId, execution);
                shards.reopen();
            }
            direct(sweepId);
            if (shards.isAnyRunning() || (phase == Phase.PAUSED && failure() == null)) {
                Workflow.await(() -> signals.count != seenSignals || shards.ended() != seenEnds);
            } else if (signals.count == seenSignals && shards.ended() == seenEnds) {
                goOnOrEnd(sweepId);
            }
        }
        phase = Phase.DONE;
        return new Result(sweepId, settings.status(), shards.tally());
    }

    /** Reads the settings. */
    private void read(String sweepId, String execution) {
        try {
            settings = calls.store().openSweep(new SweepOpening(sweepId, execution));
            limitWallTime(settings.secondsLeft());
        } catch (ActivityFailure e) {
            refused = SweepActivityStubs.refusal(e);
        }
    }

    /** False while a history is replayed in which the clock went on. */
    private static boolean pausesStopTheClock() {
        return Workflow.getVersion("pauses-stop-the-clock", Workflow.DEFAULT_VERSION, 1) >= 1;
    }

    private void limitWallTime(@Nullable Long secondsLeft) {
        if (wallTime != null) {
            wallTime.cancel();
            wallTime = null;
        }
        if (secondsLeft != null) {
            wallTime = Workflow.newCancellationScope(() -> Workflow.newTimer(Duration.ofSeconds(secondsLeft))
                    .handle((fired, cancelled) -> {
                        if (cancelled == null) {
                            signals.stop("the wall time of its budget is spent");
                        }
                        return true;
                    }));
            wallTime.run();
        }
    }

    /** Brings shards, store and signals together. Shards come first where less is to run, the store where more is. */
    private void direct(String sweepId) {
        SweepStatus status = signals.status();
        phase = Phase.valueOf(status.name());
        if (phase == Phase.PAUSED && wallTime != null && pausesStopTheClock()) {
            limitWallTime(null); // it is read again when the sweep goes on
        }
        if (phase == Phase.RUNNING) {
            mark(sweepId, status);
        }
        Dispatch dispatch = dispatch();
        List<Integer> windows = ShardPlan.windows(settings.concurrency());
        for (int slot : shards.slots()) {
            boolean planned = slot < windows.size();
            shards.command(slot, command(planned ? dispatch : Dispatch.DRAIN, planned ? windows.get(slot) : 1));
        }
        if (dispatch == Dispatch.RUN && !shards.isClosed()) {
            fill(windows);
        }
        mark(sweepId, status);
    }

    private void fill(List<Integer> windows) {
        long before = 0;
        for (int slot = 0; slot < windows.size() && (slot == 0 || before < settings.pending()); slot++) {
            if (!shards.isRunning(slot) && !shards.isDry(slot)) {
                shards.start(slot, command(Dispatch.RUN, windows.get(slot)));
            }
            before += windows.get(slot);
        }
    }

    private Dispatch dispatch() {
        if (failure() != null) {
            return Dispatch.DRAIN;
        }
        return switch (phase) {
            case PAUSED, CANCELLING -> Dispatch.RECALL;
            case STOPPING -> Dispatch.DRAIN;
            default -> isLong() ? Dispatch.DRAIN : Dispatch.RUN;
        };
    }

    private ShardWorkflow.Command command(Dispatch dispatch, int window) {
        return new ShardWorkflow.Command(dispatch, window, settings.priority(), settings.backoffMillis());
    }

    private void mark(String sweepId, SweepStatus status) {
        if (marked == status || refused != null) {
            return;
        }
        try {
            calls.store().markSweep(new SweepMark(sweepId, status, signals.reason));
            marked = status;
        } catch (ActivityFailure e) {
            refused = SweepActivityStubs.refusal(e);
        }
    }

    /** Nothing runs, and this execution has nothing to start. */
    private void goOnOrEnd(String sweepId) {
        if (isLong() && phase == Phase.RUNNING && failure() == null && !shards.isClosed()) {
            Workflow.continueAsNew(new Input(sweepId, shards.tally()));
        }
        ApplicationFailure failure = failure();
        if (failure != null) {
            String message = Objects.requireNonNullElse(failure.getOriginalMessage(), "");
            calls.store().endSweep(new SweepEnd(sweepId, SweepStatus.FAILED, message));
            phase = Phase.DONE;
            throw ApplicationFailure.newNonRetryableFailureWithCause(message, failure.getType(), failure);
        }
        int seenSignals = signals.count;
        EndedSweep ended = calls.store().endSweep(new SweepEnd(sweepId, end(), ""));
        if (!ended.status().isTerminal()) {
            Workflow.await(BEFORE_ANOTHER_LOOK, () -> signals.count != seenSignals);
            shards.reopen();
        } else if (!signals.changed) {
            settings = settings.with(ended.status());
        }
    }

    private SweepStatus end() {
        return switch (phase) {
            case CANCELLING -> SweepStatus.CANCELLED;
            case STOPPING -> SweepStatus.STOPPED;
            default -> SweepStatus.FINISHED;
        };
    }

    /** Time for a new execution: as soon as no shard runs, since shards don't outlive the one that started them. */
    private static boolean isLong() {
        return Workflow.getInfo().isContinueAsNewSuggested();
    }

    /** Why the sweep can't go on, or null. */
    private @Nullable ApplicationFailure failure() {
        return refused != null ? refused : shards.failure();
    }

    /** What signals have asked of a sweep. A cancellation outranks a stop, and a stop outranks a pause. */
    private static final class SweepSignals {
        private boolean paused;
        private boolean stopped;
        private boolean cancelled;
        /** Whether the store has changed and nobody has looked. */
        private boolean changed;
        /** Why it was stopped; empty if somebody asked for it. */
        private String reason = "";
        /** How many there were. */
        private int count;

        /** Takes over what the store says that an earlier execution was asked for. */
        void adopt(SweepStatus status) {
            paused |= status == SweepStatus.PAUSED;
            stopped |= status == SweepStatus.STOPPING;
            cancelled |= status == SweepStatus.CANCELLING;
        }

        void pause() {
            paused = true;
            count++;
        }

        /** What the store would not give before, it may give now. */
        void resume() {
            paused = false;
            change();
        }

        /** @param why in words for the reader; empty if somebody asked for it */
        void stop(String why) {
            stopped = true;
            reason = reason.isEmpty() ? why : reason;
            count++;
        }

        void cancel() {
            cancelled = true;
            count++;
        }

        void change() {
            changed = true;
            count++;
        }

        /** The sweep's status while it is under way: RUNNING, PAUSED, STOPPING or CANCELLING. */
        SweepStatus status() {
            if (cancelled) {
                return SweepStatus.CANCELLING;
            }
            if (stopped) {
                return SweepStatus.STOPPING;
            }
            return paused ? SweepStatus.PAUSED : SweepStatus.RUNNING;
        }
    }

    /** How many shards of a sweep run at once, and how many trials each. */
    static final class ShardPlan {
        /** Small against a shard's quota, so that a shard which runs out leaves little unused. */
        static final int USUAL_WINDOW = 25;

        /** Shards of the usual window; with more trials at once the windows grow, since each change is told to every shard. */
        static final int USUAL_SHARDS = 16;

        /** More can't be of use: it is a shard's quota. */
        static final int LARGEST_WINDOW = 500;

        /** Keeps some dozens of slots busy. */
        private static final int AUTO = 4 * USUAL_WINDOW;

        private ShardPlan() {}

        /**
         * The windows of the shards. They sum to {@code concurrency}, and no window is smaller for a greater one: so a change never makes
         * room in one shard for what still runs in another.
         *
         * @param concurrency trials at once; 0: as many as there are free slots
         */
        static List<Integer> windows(int concurrency) {
            int trials = concurrency == 0 ? AUTO : concurrency;
            if (trials <= USUAL_WINDOW * USUAL_SHARDS) {
                return filled(trials, USUAL_WINDOW);
            }
            if (trials > LARGEST_WINDOW * USUAL_SHARDS) {
                return filled(trials, LARGEST_WINDOW);
            }
            List<Integer> windows = new ArrayList<>(Collections.nCopies(USUAL_SHARDS, trials / USUAL_SHARDS));
            for (int shard = 0; shard < trials % USUAL_SHARDS; shard++) {
                windows.set(shard, windows.get(shard) + 1);
            }
            return windows;
        }

        private static List<Integer> filled(int trials, int window) {
            List<Integer> windows = new ArrayList<>(Collections.nCopies(trials / window, window));
            if (trials % window > 0) {
                windows.add(trials % window);
            }
            return windows;
        }
    }
}
