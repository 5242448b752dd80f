package perdura.store;

import java.util.List;
import perdura.grids.spec.RunId;

/** Table checkpoint. */
public final class Checkpoints {
    public Checkpoints(Database database) {}

    /** Newest first, all states. */
    public List<StoredCheckpoint> listCheckpoints(RunId runId) {
        throw Todo.stub();
    }

    public void markDamaged(RunId runId, long step, String reason) {
        throw Todo.stub();
    }

    /** Marks old checkpoints PRUNED, all but the newest {@code keep} and the stage ends; returns those whose files may go. */
    public List<StoredCheckpoint> prune(RunId runId, long fence, int keep) {
        throw Todo.stub();
    }
}
