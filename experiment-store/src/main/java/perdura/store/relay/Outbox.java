package perdura.store.relay;

import java.util.List;
import perdura.grids.spec.RunId;
import perdura.store.Database;

/** What waits for MLflow, for status pages. */
public record Outbox(Database database) {
    private static final String COUNT_PENDING =
            "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL";

    public long countPending() {
        return database.one(Long.class, COUNT_PENDING);
    }

    private static final String COUNT_PARKED = "SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL";

    public long countParked() {
        return database.one(Long.class, COUNT_PARKED);
    }

    private static final String SELECT_PARKED =
            "SELECT id, run_id, kind, reason FROM outbox WHERE parked_at IS NOT NULL ORDER BY id";

    /** Oldest first. */
    public List<Parked> listParked() {
        return database.list(Parked.class, SELECT_PARKED);
    }

    private static final String RETRY_PARKED =
            "UPDATE outbox SET parked_at = NULL, reason = NULL WHERE parked_at IS NOT NULL";

    /** Puts parked rows back into the queue, at their old places. Returns how many. */
    public int retryParked() {
        return database.write(handle -> handle.execute(RETRY_PARKED));
    }

    /** A row set aside. */
    public record Parked(long id, RunId runId, String kind, String reason) {}
}
