package perdura.activities.gpu;

import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Attempts;

/**
 * Bears any number of failures, as long as there are commits between them.
 *
 * @param most attempts in a row that may end without a commit
 */
record FruitlessAttempts(int most) implements FailureRule {
    /** Of a pre-training. */
    static final FruitlessAttempts STANDARD = new FruitlessAttempts(10);

    @Override
    public void check(Attempts attempts, RunId runId) {
        int failures = attempts.countFailuresSinceCommit(runId);
        if (failures >= most) {
            throw new PerduraException(
                    ErrorCode.NO_PROGRESS,
                    failures + " attempts in a row ended without a commit; see the run's events and crash logs, then"
                            + " resume it");
        }
    }
}
