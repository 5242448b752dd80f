package perdura.workflows;

import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import perdura.workflows.ShardWorkflow.Reason;

/** The shards of a sweep that run now, each in its slot of the plan, and the sum of what all have done. */
final class LiveShards {
    private final String sweepId;
    private final String execution;
    private final Map<Integer, Shard> bySlot = new TreeMap<>();
    private final SortedSet<Integer> drySlots = new TreeSet<>();
    private SweepWorkflow.Tally tally;
    private boolean closed;
    private int ended;
    private @Nullable ApplicationFailure failure;

    LiveShards(String sweepId, String execution, SweepWorkflow.Tally sofar) {
        this.sweepId = sweepId;
        this.execution = execution;
        this.tally = sofar;
    }

    /** Starts a shard in a slot that has none. */
    void start(int slot, ShardWorkflow.Command command) {
        tally = tally.withShard();
        ShardWorkflow shard = Workflow.newChildWorkflowStub(
                ShardWorkflow.class,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(ShardWorkflow.workflowId(sweepId, tally.shards()))
                        // A new execution of a sweep whose history is lost counts from 1 again.
                        .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                        // Whoever terminates the sweep gets its trials back at their next step boundary.
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL)
                        .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
                        .build());
        bySlot.put(slot, new Shard(shard, command));
        Async.function(shard::run, new ShardWorkflow.Input(sweepId, execution, slot, command))
                .handle((result, failed) -> {
                    bySlot.remove(slot);
                    ended++;
                    if (result != null) {
                        end(slot, result);
                    } else {
                        fail(Objects.requireNonNull(failed));
                    }
                    return true;
                });
    }

    /** Sends a running shard its command, unless it works by that already. */
    void command(int slot, ShardWorkflow.Command command) {
        Shard shard = bySlot.get(slot);
        if (shard == null || command.equals(shard.command)) {
            return;
        }
        shard.command = command;
        // A shard that ends meanwhile need not know.
        Async.procedure(shard.workflow::command, command).handle((done, failed) -> true);
    }

    /** Slots whose shards run. */
    List<Integer> slots() {
        return List.copyOf(bySlot.keySet());
    }

    int size() {
        return bySlot.size();
    }

    boolean isAnyRunning() {
        return !bySlot.isEmpty();
    }

    boolean isRunning(int slot) {
        return bySlot.containsKey(slot);
    }

    /** Whether the last shard of a slot found nothing to do. */
    boolean isDry(int slot) {
        return drySlots.contains(slot);
    }

    /** How many have ended. */
    int ended() {
        return ended;
    }

    /** Whether a shard has heard that nothing is given out any more. */
    boolean isClosed() {
        return closed;
    }

    /** Forgets what the store has said: it may have more now. Running shards hear of it with their next command. */
    void reopen() {
        closed = false;
        drySlots.clear();
        bySlot.values().forEach(shard -> shard.command = null);
    }

    /** What a shard failed of, or null. A failed trial is no such failure. */
    @Nullable
    ApplicationFailure failure() {
        return failure;
    }

    SweepWorkflow.Tally tally() {
        return tally;
    }

    private void end(int slot, ShardWorkflow.Result result) {
        tally = tally.plus(result);
        closed |= result.reason() == Reason.CLOSED;
        if (result.reason() == Reason.DRY) {
            drySlots.add(slot);
        }
    }

    private void fail(RuntimeException failed) {
        if (failed instanceof ChildWorkflowFailure child) {
            if (child.getCause() instanceof WorkflowExecutionAlreadyStarted) {
                return; // of an earlier execution of the sweep; the next number may be free
            }
            if (child.getCause() instanceof ApplicationFailure known) {
                failure = known;
                return;
            }
        }
        failure = ApplicationFailure.newNonRetryableFailure("a shard ended: " + failed.getMessage(), "INTERNAL");
    }

    private static final class Shard {
        private final ShardWorkflow workflow;
        /** What it was told last; null if it is to be told again. */
        private ShardWorkflow.@Nullable Command command;

        Shard(ShardWorkflow workflow, ShardWorkflow.Command command) {
            this.workflow = workflow;
            this.command = command;
        }
    }
}
