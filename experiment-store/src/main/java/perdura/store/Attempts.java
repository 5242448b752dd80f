package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/** Table attempt: claims and fences. */
public final class Attempts {
    public Attempts(Database database) {}

    /**
     * Raises the run's fence and makes the caller the only one that may commit.
     *
     * @param worker host and slot, for people
     * @param fingerprint kind of engine, processor and thread count
     */
    public Attempt claim(RunId runId, String worker, String fingerprint) {
        throw Todo.stub();
    }

    /** Records how the attempt ended; the first word counts. */
    public void endAttempt(RunId runId, long fence, String outcome, @Nullable String reason) {
        throw Todo.stub();
    }

    /** Attempts since the last commit that ended by themselves or died, for the NO_PROGRESS rule. */
    public int countFailuresSinceCommit(RunId runId) {
        throw Todo.stub();
    }

    public Optional<Attempt> findNewest(RunId runId) {
        throw Todo.stub();
    }

    /** Oldest first. */
    public List<Attempt> listAttempts(RunId runId) {
        throw Todo.stub();
    }
}
