package perdura.workflows;

import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import perdura.workflows.DataActivities.EpochBegin;
import perdura.workflows.DataActivities.EpochShards;
import perdura.workflows.EpochActivities.ShardsInput;
import perdura.workflows.EpochActivities.ShardsResult;

/**
 * Has an epoch prepared: its shards on the devices, a bounded number at once, then one step that combines them. The activities keep
 * what they compute, so a preparation that was interrupted goes on where it was.
 */
final class EpochPreparer {
    /** However many shards an epoch has, it adds at most some 400 events to the history: an activity computes several. */
    static final int MOST_ACTIVITIES = 64;

    /** Keeps a dozen devices busy and leaves room for other runs. */
    static final int WINDOW = 16;

    private final DataActivities data;
    private final EpochActivities devices;
    private int shards;
    private int done;
    private long combineMillis;

    EpochPreparer(DataActivities data, EpochActivities devices) {
        this.data = data;
        this.devices = devices;
    }

    /**
     * Prepares an epoch, unless it is prepared already. To be called in a cancellation scope; when that is cancelled, returns only
     * after all activities have ended.
     *
     * @return whether there was something to do
     */
    boolean prepare(EpochBegin begin) {
        shards = data.planEpoch(begin).shards();
        done = 0;
        if (shards == 0) {
            return false;
        }
        EpochShards epoch = new EpochShards(begin, shards);
        if (computeShards(epoch)) {
            combine(epoch);
        }
        return true;
    }

    private void combine(EpochShards epoch) {
        long begun = Workflow.currentTimeMillis();
        try {
            data.combineEpoch(epoch);
        } finally {
            combineMillis = Workflow.currentTimeMillis() - begun;
        }
    }

    /** What combining the shards took; 0 if it has not come to that. */
    long combineMillis() {
        return combineMillis;
    }

    /** Shards of the epoch that is being prepared, 0 before they are known. */
    int shards() {
        return shards;
    }

    /** Shards that are done. */
    int done() {
        return done;
    }

    /** Whether the run's state was there; if it was not, the run has to train up to the epoch again. */
    private boolean computeShards(EpochShards epoch) {
        int size = (shards + MOST_ACTIVITIES - 1) / MOST_ACTIVITIES;
        List<Promise<ShardsResult>> running = new ArrayList<>();
        boolean found = true;
        try {
            for (int from = 0; from < shards && found; from += size) {
                if (running.size() == WINDOW) {
                    found = takeEnded(running);
                }
                running.add(start(new ShardsInput(epoch, from, Math.min(from + size, shards))));
            }
            while (!running.isEmpty()) {
                found &= takeEnded(running);
            }
            return found;
        } catch (TemporalFailure e) {
            CancellationScope.current().cancel("a shard ended early");
            running.forEach(EpochPreparer::awaitEnd);
            throw e;
        }
    }

    private Promise<ShardsResult> start(ShardsInput input) {
        return Async.function(devices::prepareShards, input).thenApply(result -> {
            done += input.to() - input.from();
            return result;
        });
    }

    /** Waits for at least one to end, takes out those that have, and tells whether all of them found the run's state. */
    private static boolean takeEnded(List<Promise<ShardsResult>> running) {
        Promise.anyOf(running).get();
        boolean found = true;
        for (Promise<ShardsResult> shards : List.copyOf(running)) {
            if (shards.isCompleted()) {
                found &= shards.get().found();
                running.remove(shards);
            }
        }
        return found;
    }

    private static void awaitEnd(Promise<ShardsResult> shards) {
        shards.handle((result, failure) -> true).get();
    }
}
