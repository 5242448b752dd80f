package perdura.activities.gpu;

import java.util.List;
import java.util.Objects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;
import perdura.store.Attempts;

/**
 * Bears a number of failures, whether or not there are commits between them.
 *
 * @param most attempts that may fail, at least 1
 */
record FailedAttempts(int most) implements FailureRule {
    boolean isSpent(Attempts attempts, RunId runId) {
        return attempts.countFailures(runId) >= most;
    }

    /** @throws PerduraException with the code of the last failure, which is no longer one that heals */
    @Override
    public void check(Attempts attempts, RunId runId) {
        if (isSpent(attempts, runId)) {
            throw last(attempts.listAttempts(runId));
        }
    }

    private PerduraException last(List<Attempt> all) {
        Attempt last = all.get(all.size() - 1);
        ErrorCode code = ErrorCode.WORKER_DIED; // an attempt that said nothing
        for (ErrorCode known : ErrorCode.values()) {
            if (known.name().equals(last.end().outcome())) {
                code = known;
            }
        }
        return new PerduraException(
                code,
                most + " attempts failed, the last one on " + last.worker() + ": "
                        + Objects.requireNonNullElse(last.end().reason(), "it fell silent"));
    }
}
