package perdura.workflows;

import io.temporal.activity.ActivityInterface;
import perdura.workflows.DataActivities.EpochShards;

/** Preparation of epochs, on the queue {@code gpu}. */
@ActivityInterface
public interface EpochActivities {
    /** Computes some shards of an epoch's preparation, and keeps each. May run twice: what is whole is kept. */
    ShardsResult prepareShards(ShardsInput input);

    /**
     * Shards that one activity computes, one after another.
     *
     * @param from the first one, from 0
     * @param to after the last one
     */
    record ShardsInput(EpochShards epoch, int from, int to) {}

    /**
     * How the shards ended.
     *
     * @param found whether the run's state at the epoch's begin was there. If a checkpoint is damaged the run falls back to an
     *     earlier one, and has to train up to the epoch again
     */
    record ShardsResult(boolean found) {}
}
