package perdura.workflows;

import org.jspecify.annotations.Nullable;

/**
 * What a pre-training workflow starts from. The spec stays in the store.
 *
 * @param runId the run, which is in the store already
 * @param paused whether the run begins paused; carried over when the workflow continues as new
 * @param prepared what the data check found; null at the first start, carried over after that
 * @param slotQueue queue of the slot that holds the model in memory; null if there is none
 */
public record PretrainInput(
        String runId,
        boolean paused,
        @Nullable PreparedRun prepared,
        @Nullable String slotQueue) {
    /** The input of a first start. */
    public PretrainInput(String runId, boolean paused) {
        this(runId, paused, null, null);
    }
}
