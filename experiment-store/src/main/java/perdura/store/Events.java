package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.RunId;

/** Table event. */
public final class Events {
    private final Database database;

    public Events(Database database) {
        this.database = database;
    }

    /** @param kind upper-case letters and {@code _} */
    public void record(@Nullable RunId runId, String kind, String detail) {
        database.write(connection -> insert(connection, runId, kind, detail));
    }

    private static final String INSERT_EVENT = "INSERT INTO event (run_id, kind, detail) VALUES (?, ?, ?)";

    static int insert(Connection connection, @Nullable RunId runId, String kind, String detail) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_EVENT)) {
            insert.setString(1, runId == null ? null : runId.value());
            insert.setString(2, kind);
            insert.setString(3, detail);
            return insert.executeUpdate();
        }
    }

    private static final String INSERT_ONCE = """
            INSERT INTO event (run_id, kind, once, detail) VALUES (?, ?, ?, ?)
            ON CONFLICT (run_id, kind, once) WHERE once IS NOT NULL DO NOTHING
            """;

    /** Changes nothing where the run has told this already. */
    static void insertOnce(Connection connection, RunId runId, OnceEvent event) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_ONCE)) {
            insert.setString(1, runId.value());
            insert.setString(2, event.kind());
            insert.setString(3, event.once());
            insert.setString(4, event.detail());
            insert.executeUpdate();
        }
    }

    private static final String SELECT_EVENTS = "SELECT * FROM event WHERE run_id = ? ORDER BY id";

    /** Oldest first. */
    public List<Event> listEvents(RunId runId) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_EVENTS)) {
                select.setString(1, runId.value());
                List<Event> events = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        events.add(new Event(
                                row.getLong("id"),
                                runId,
                                Columns.text(row, "kind"),
                                Columns.text(row, "detail"),
                                Columns.instant(row, "at")));
                    }
                }
                return events;
            }
        });
    }
}
