package perdura.workflows;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import perdura.workflows.SweepActivities.AssignedTrials;
import perdura.workflows.SweepActivities.TrialAssignment;
import perdura.workflows.SweepActivities.TrialEnd;
import perdura.workflows.SweepActivities.TrialRelease;
import perdura.workflows.SweepActivities.TrialRequest;
import perdura.workflows.TrialActivities.TrialInput;

/** Keeps its window full as long as the store has trials to give. */
public final class ShardWorkflowImpl implements ShardWorkflow {
    /** Trials of one shard. Each adds up to seven events, so that a history stays below those 4,096 that the service calls long. */
    static final int QUOTA = 500;

    /** Asked for at once: to start more takes longer than the SDK grants a piece of workflow code on a busy machine. */
    static final int STEP = 50;

    /** With so many events a shard asks for no more, however few trials it had: it may have waited, or been told much. */
    private static final long LONG_HISTORY = 3_900;

    /** Events that a running trial will still add: taken by a slot, ended, and a workflow task for it. */
    private static final long EVENTS_TO_COME = 5;

    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration SLOWEST_POLL = Duration.ofMinutes(1);

    private final SweepActivityStubs calls;
    private RunningTrials trials = new RunningTrials("");
    private @Nullable Command command;
    private boolean cancelled;
    private boolean closed;
    /** Whether the store may have something for this shard. */
    private boolean hungry = true;
    /** Trials that another sweep runs, or that wait for a pre-training. */
    private long waiting;

    private int endedWhenAsked;
    private int questions;
    private Duration poll = POLL;
    private @Nullable ApplicationFailure broken;

    public ShardWorkflowImpl(ActivityTimeouts timeouts) {
        this.calls = new SweepActivityStubs(timeouts);
    }

    @Override
    public Result run(Input input) {
        trials = new RunningTrials(input.execution());
        if (command == null) { // a signal may be here before the input
            command = input.order();
        }
        CancellationScope.current().getCancellationRequest().thenApply(reason -> {
            cancelled = true;
            trials.callBack();
            return true;
        });
        // The cancellation of the workflow must not keep the store from what becomes of the trials.
        AtomicReference<@Nullable Result> result = new AtomicReference<>();
        Workflow.newDetachedCancellationScope(() -> result.set(work(input))).run();
        return Objects.requireNonNull(result.get());
    }

    @Override
    public void command(Command command) {
        this.command = command;
        hungry = true;
        closed = false;
        if (command.dispatch() == Dispatch.RECALL) {
            trials.callBack();
        }
    }

    private Result work(Input input) {
        while (true) {
            tellStore(input);
            if (mayAsk()) {
                ask(input);
                continue;
            }
            if (trials.size() > 0) {
                Workflow.await(() -> trials.hasUntold() || trials.size() == 0 || mayAsk());
                continue;
            }
            if (broken != null) {
                throw broken;
            }
            Reason end = end(input.slot());
            if (end != null) {
                return trials.result(end);
            }
            awaitMore(input.slot());
        }
    }

    private boolean mayAsk() {
        return (hungry || trials.ended() > endedWhenAsked) && mayStart() && room() > 0;
    }

    private boolean mayStart() {
        return dispatch() == Dispatch.RUN && !closed && broken == null && !isSpent();
    }

    private void ask(Input input) {
        int atMost = Math.min(Math.min(room(), STEP), QUOTA - trials.started());
        String requester = Workflow.getInfo().getRunId() + "/" + ++questions;
        endedWhenAsked = trials.ended();
        hungry = false;
        try {
            take(input, calls.assign(new TrialRequest(input.sweepId(), input.execution(), requester, atMost)), atMost);
        } catch (ActivityFailure e) {
            giveUp(e);
        }
    }

    private void take(Input input, AssignedTrials assigned, int atMost) {
        List<TrialAssignment> given = assigned.trials();
        closed = assigned.closed();
        waiting = assigned.waiting();
        hungry |= given.size() == atMost;
        if (!given.isEmpty()) {
            poll = POLL;
        }
        if (dispatch() != Dispatch.RUN) { // a command came while the store answered
            release(input, given.stream().map(TrialAssignment::trialKey).toList());
            return;
        }
        TrialActivities slots = calls.trials(input.sweepId(), command());
        for (TrialAssignment trial : given) {
            trials.start(slots, new TrialInput(input.sweepId(), trial.trialKey(), trial.untilEpoch()));
        }
    }

    /** Tells the store what became of trials that could not do so themselves. */
    private void tellStore(Input input) {
        release(input, trials.takeReturned());
        for (TrialEnd end = trials.pollFailed(); end != null; end = trials.pollFailed()) {
            try {
                calls.endTrial(end);
            } catch (ActivityFailure e) {
                giveUp(e);
            }
        }
    }

    private void release(Input input, List<String> trialKeys) {
        if (trialKeys.isEmpty()) {
            return;
        }
        try {
            calls.releaseTrials(new TrialRelease(input.sweepId(), input.execution(), trialKeys));
        } catch (ActivityFailure e) {
            giveUp(e);
        }
    }

    /** The store refuses: nothing more starts, and the shard fails once what runs has ended. */
    private void giveUp(ActivityFailure e) {
        broken = SweepActivityStubs.refusal(e);
    }

    /** Why a shard that runs nothing ends now; null if it has to wait. */
    private @Nullable Reason end(int slot) {
        if (dispatch() != Dispatch.RUN) {
            return Reason.ORDERED;
        }
        if (closed) {
            return Reason.CLOSED;
        }
        if (isSpent()) {
            return Reason.QUOTA;
        }
        return slot > 0 && waiting == 0 ? Reason.DRY : null;
    }

    /** Other sweeps and pre-trainings don't tell this one when they end what it waits for. */
    private void awaitMore(int slot) {
        boolean told = Workflow.await(poll, () -> mayAsk() || end(slot) != null);
        if (!told) {
            hungry = true;
            if (waiting == 0) { // then it waits for what other shards do, who look for themselves
                Duration next = poll.plus(poll);
                poll = next.compareTo(SLOWEST_POLL) < 0 ? next : SLOWEST_POLL;
            }
        }
    }

    private boolean isSpent() {
        return trials.started() >= QUOTA
                || Workflow.getInfo().getHistoryLength() + EVENTS_TO_COME * trials.size() > LONG_HISTORY;
    }

    private int room() {
        return command().window() - trials.size();
    }

    private Dispatch dispatch() {
        return cancelled ? Dispatch.RECALL : command().dispatch();
    }

    private Command command() {
        return Objects.requireNonNull(command);
    }
}
