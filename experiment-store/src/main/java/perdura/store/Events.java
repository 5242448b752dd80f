package perdura.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.RunId;

/** Table event. */
public record Events(Database database) {
    /** Something that happened. */
    public record Event(long id, @Nullable RunId runId, String kind, String detail, Instant at) {}

    /** @param kind upper-case letters and {@code _} */
    public void record(@Nullable RunId runId, String kind, String detail) {
        database.write(handle -> insert(handle, runId, kind, detail));
    }

    private static final String INSERT_EVENT = "INSERT INTO event (run_id, kind, detail) VALUES (?, ?, ?)";

    static int insert(Handle handle, @Nullable RunId runId, String kind, String detail) {
        return handle.execute(INSERT_EVENT, runId, kind, detail);
    }

    private static final String INSERT_ONCE = """
            INSERT INTO event (run_id, kind, once, detail) VALUES (?, ?, ?, ?)
            ON CONFLICT (run_id, kind, once) WHERE once IS NOT NULL DO NOTHING
            """;

    /** Changes nothing where the run has recorded this already. */
    static void insertOnce(Handle handle, RunId runId, OnceEvent event) {
        handle.execute(INSERT_ONCE, runId, event.kind(), event.once(), event.detail());
    }

    private static final String SELECT_EVENTS = "SELECT * FROM event WHERE run_id = ? ORDER BY id";

    /** Oldest first. */
    public List<Event> listEvents(RunId runId) {
        return database.list(Event.class, SELECT_EVENTS, runId);
    }
}
