package perdura.store;

import perdura.grids.spec.RunId;

/**
 * How a run began with a checkpoint of another one.
 *
 * @param runId the run that began so
 * @param origin the run whose checkpoint that was
 * @param originStep steps of {@code origin} until then
 * @param ended the stage of {@code origin} that ended there: the one before {@code stage} in the plan of {@code runId}; 0 if its spec has none
 * @param stage the first stage that {@code runId} trains itself
 */
public record Fork(RunId runId, RunId origin, long originStep, int ended, int stage) {
    /** For people. */
    public String sentence() {
        return "stage " + stage + " begins with the weights of " + origin + " at the end of stage " + ended + ", step "
                + originStep;
    }
}
