package perdura.activities.gpu;

import java.util.List;
import java.util.Objects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;
import perdura.store.Attempts;

/** After which failed attempts a run fails. */
@FunctionalInterface
public interface FailureRule {
    /**
     * Refuses another attempt.
     *
     * @throws PerduraException if there were too many
     */
    void check(Attempts attempts, RunId runId);

    /**
     * Fails the run after some attempts in a row without a commit.
     *
     * @param most attempts in a row that may end without a commit
     */
    record NoProgress(int most) implements FailureRule {
        /** Of a pre-training. */
        static final NoProgress STANDARD = new NoProgress(10);

        @Override
        public void check(Attempts attempts, RunId runId) {
            int failures = attempts.countFailuresSinceCommit(runId);
            if (failures >= most) {
                throw new PerduraException(
                        ErrorCode.NO_PROGRESS,
                        failures
                                + " attempts in a row ended without a commit; see the run's events and crash logs, then"
                                + " resume it");
            }
        }
    }

    /**
     * Fails the run after a number of failed attempts, whether or not there are commits between them.
     *
     * @param most attempts that may fail, at least 1
     */
    record MostFailures(int most) implements FailureRule {
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
}
