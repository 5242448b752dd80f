package perdura.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/** Table event. */
public final class Events {
    public Events(Database database) {}

    public void record(@Nullable RunId runId, String kind, String detail) {
        throw Todo.stub();
    }

    /** Oldest first. */
    public List<Event> listEvents(RunId runId) {
        throw Todo.stub();
    }
}
