package perdura.store;

import java.util.Optional;
import perdura.grids.spec.RunId;

/** Publishes what an attempt has done, in one transaction each. */
public final class Commits {
    public Commits(Database database) {}

    /**
     * Fence check, metric points, checkpoint row, position and outbox rows, all or nothing. Publishing the same commit
     * again (same run, step and state digest) changes nothing.
     *
     * @throws perdura.grids.spec.PerduraException FENCED if another attempt has claimed the run; COMMIT_UNKNOWN if the
     *     connection broke while committing; STORE_UNAVAILABLE if it surely did not commit
     */
    public void publish(Commit commit) {
        throw Todo.stub();
    }

    /** Whether this very commit is in the store: resolves COMMIT_UNKNOWN. */
    public boolean isPublished(Commit commit) {
        throw Todo.stub();
    }

    /** The newest commit whose checkpoint is PRESENT. */
    public Optional<StoredCheckpoint> findLast(RunId runId) {
        throw Todo.stub();
    }
}
