package perdura.store.relay;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
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

    private static final String SELECT_LONGEST_WAIT = """
            SELECT coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)
            FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL AND due_at <= clock_timestamp()
            """;

    /** For how long the oldest row has waited that could have been sent; zero if none waits. */
    public Duration longestWait() {
        return Duration.ofMillis(Math.round(database.one(Double.class, SELECT_LONGEST_WAIT) * 1000));
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
            "UPDATE outbox SET parked_at = NULL, reason = NULL, due_at = clock_timestamp() WHERE parked_at IS NOT NULL";

    /** Puts parked rows back into the queue, at their old places. Returns how many. */
    public int retryParked() {
        return database.write(handle -> handle.execute(RETRY_PARKED));
    }

    private static final String RETRY_DUE = RETRY_PARKED + " AND due_at <= clock_timestamp()";

    /** As {@link #retryParked}, those whose time has come: what made MLflow refuse them may have gone. */
    int retryDue() {
        return database.write(handle -> handle.execute(RETRY_DUE));
    }

    private static final String PROBE = """
            UPDATE delivery SET checked = false
            WHERE run_id = (SELECT d.run_id FROM delivery d JOIN run r USING (run_id)
                            WHERE d.mlflow_run_id IS NOT NULL ORDER BY r.created_at DESC LIMIT 1
                            FOR NO KEY UPDATE OF d SKIP LOCKED)
            """;

    /** Has MLflow asked for its newest run: if it has lost that one, it is asked for all. */
    void probe() {
        database.change(handle -> handle.execute(PROBE));
    }

    private static final String COUNT_UNCHECKED = "SELECT count(*) FROM delivery WHERE NOT checked";

    /** Runs that MLflow is to be asked for. */
    long countUnchecked() {
        return database.one(Long.class, COUNT_UNCHECKED);
    }

    private static final String NOW = "SELECT clock_timestamp()";

    /** The time by the store's clock. */
    public Instant now() {
        return database.one(Instant.class, NOW);
    }

    private static final String COUNT_SENT = "SELECT count(*) FROM outbox WHERE sent_at >= ?";

    /** Rows that MLflow has taken since, whoever sent them. */
    public long countSent(Instant since) {
        return database.one(Long.class, COUNT_SENT, since);
    }

    private static final String COUNT_WAITING = "SELECT count(*) FROM outbox WHERE id = ANY (?) AND sent_at IS NULL";

    /** How many of these rows MLflow has not taken. */
    public long countNotSent(List<Parked> rows) {
        Long[] ids = rows.stream().map(Parked::id).toArray(Long[]::new);
        return database.one(Long.class, COUNT_WAITING, (Object) ids);
    }

    private static final String FORGET = """
            UPDATE delivery SET mlflow_run_id = NULL, checked = true, tries = 0, next_try_at = clock_timestamp()
            WHERE run_id = ANY (?)
            """;
    private static final String SEND_AGAIN = """
            UPDATE outbox SET sent_at = NULL, parked_at = NULL, reason = NULL, due_at = clock_timestamp()
            WHERE run_id = ANY (?)
            """;

    /** Has everything of some runs sent again: MLflow's runs are found by their keys, or made again. Returns how many rows these are. */
    public int resend(Collection<RunId> runIds) {
        String[] ids = runIds.stream().map(RunId::value).toArray(String[]::new);
        return database.write(handle -> {
            handle.execute(FORGET, (Object) ids);
            return handle.execute(SEND_AGAIN, (Object) ids);
        });
    }

    private static final String SELECT_SWEEP = """
            SELECT run_id FROM delivery WHERE run_id = ?
            UNION
            SELECT t.run_id FROM sweep_trial st JOIN trial t USING (trial_key) WHERE st.sweep_id = ? AND t.run_id IS NOT NULL
            """;

    /** The run of this id, and those of its trials if it is a sweep's. */
    public List<RunId> listRuns(String runOrSweep) {
        return database.list(RunId.class, SELECT_SWEEP, runOrSweep, runOrSweep);
    }

    private static final String SELECT_ALL = "SELECT run_id FROM delivery ORDER BY run_id";

    /** All runs. */
    public List<RunId> listRuns() {
        return database.list(RunId.class, SELECT_ALL);
    }

    /** A row set aside. */
    public record Parked(long id, RunId runId, String kind, String reason) {}
}
