package perdura.store.relay;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import perdura.grids.spec.RunId;
import perdura.store.Database;

/** What waits for MLflow, for status pages. */
public final class Outbox {
    private final Database database;

    public Outbox(Database database) {
        this.database = database;
    }

    private static final String COUNT_PENDING =
            "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL";

    public long countPending() {
        return count(COUNT_PENDING);
    }

    private static final String COUNT_PARKED = "SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL";

    public long countParked() {
        return count(COUNT_PARKED);
    }

    private long count(String sql) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private static final String SELECT_PARKED =
            "SELECT id, run_id, kind, reason FROM outbox WHERE parked_at IS NOT NULL ORDER BY id";

    /** Oldest first. */
    public List<Parked> listParked() {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_PARKED);
                    ResultSet row = select.executeQuery()) {
                List<Parked> parked = new ArrayList<>();
                while (row.next()) {
                    parked.add(new Parked(
                            row.getLong("id"),
                            new RunId(Objects.requireNonNull(row.getString("run_id"))),
                            Objects.requireNonNull(row.getString("kind")),
                            Objects.requireNonNull(row.getString("reason"))));
                }
                return parked;
            }
        });
    }

    private static final String RETRY_PARKED =
            "UPDATE outbox SET parked_at = NULL, reason = NULL WHERE parked_at IS NOT NULL";

    /** Puts parked rows back into the queue, at their old places. Returns how many. */
    public int retryParked() {
        return database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(RETRY_PARKED)) {
                return update.executeUpdate();
            }
        });
    }

    /** A row set aside. */
    public record Parked(long id, RunId runId, String kind, String reason) {}
}
