package perdura.workflows;

/**
 * What a pre-training workflow starts from. The spec stays in the store.
 *
 * @param runId the run, which is in the store already
 * @param paused whether the run begins paused; carried over when the workflow continues as new
 */
public record PretrainInput(String runId, boolean paused) {}
