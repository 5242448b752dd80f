package perdura.activities.gpu;

import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Attempts;

/** How many failed attempts a run bears. */
@FunctionalInterface
public interface FailureRule {
    /**
     * Refuses another attempt.
     *
     * @throws PerduraException if there were too many
     */
    void check(Attempts attempts, RunId runId);
}
