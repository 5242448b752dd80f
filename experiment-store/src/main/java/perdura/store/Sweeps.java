package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepStatus;

/** Table sweep: what was submitted, and how it is steered. */
public final class Sweeps {
    private static final String SELECT = """
            SELECT s.*, r.experiment, d.mlflow_run_id, e.mlflow_experiment_id
            FROM sweep s
            JOIN run r ON r.run_id = s.sweep_id
            JOIN experiment e ON e.name = r.experiment
            LEFT JOIN delivery d ON d.run_id = s.sweep_id
            """;

    private final Database database;

    public Sweeps(Database database) {
        this.database = database;
    }

    /** Submissions wait for each other: they write many trials, perhaps the same ones. */
    private static final String LOCK_SUBMISSIONS = "SELECT pg_advisory_xact_lock(hashtext('perdura submissions'))";

    private static final String NEXT_NUMBER = "SELECT coalesce(max(number), 0) + 1 FROM sweep WHERE name = ?";
    private static final String INSERT = """
            INSERT INTO sweep (sweep_id, name, number, fingerprint, spec, concurrency, priority, objective, goal)
            VALUES (?, ?, ?, ?, ?::json, ?, ?, ?, ?)
            """;

    /**
     * Records a submission with its trials: RUNNING, all trials PENDING. All or nothing.
     *
     * @param run makes the run that stands for the sweep, of its id
     * @return the id
     */
    public String create(NewSweep sweep, Function<RunId, NewRun> run, Iterator<NewTrial> trials) {
        String name = sweep.spec().name();
        return database.write(connection -> {
            lockSubmissions(connection);
            int number = nextNumber(connection, name);
            RunId runId = new RunId(name + "-" + number);
            RunRows.create(connection, run.apply(runId));
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                insert.setString(1, runId.value());
                insert.setString(2, name);
                insert.setInt(3, number);
                insert.setString(4, sweep.fingerprint());
                insert.setString(5, sweep.json());
                insert.setInt(6, sweep.spec().trials().concurrency());
                insert.setInt(7, sweep.spec().trials().priority());
                insert.setString(8, sweep.spec().objective().metric());
                insert.setString(9, sweep.spec().objective().goal().name());
                insert.executeUpdate();
            }
            TrialRows.insert(connection, runId.value(), 0, trials);
            return runId.value();
        });
    }

    static void lockSubmissions(Connection connection) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(LOCK_SUBMISSIONS)) {
            lock.execute();
        }
    }

    private static int nextNumber(Connection connection, String name) throws SQLException {
        try (PreparedStatement next = connection.prepareStatement(NEXT_NUMBER)) {
            next.setString(1, name);
            try (ResultSet row = next.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static final String LOCK = "SELECT status FROM sweep WHERE sweep_id = ? FOR UPDATE";

    /** Whoever changes a sweep or its trials holds this first, so that nobody waits in a circle. */
    static SweepStatus lock(Connection connection, String sweepId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LOCK)) {
            select.setString(1, sweepId);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new PerduraException(ErrorCode.NOT_FOUND, "sweep " + sweepId + " is not in the store");
                }
                return SweepStatus.valueOf(Columns.text(row, "status"));
            }
        }
    }

    private static final String FIND_SAME = SELECT + "WHERE s.name = ? AND s.fingerprint = ? ORDER BY number DESC";

    /** The newest sweep of this name with exactly this spec and these trials. */
    public Optional<StoredSweep> findSame(String name, String fingerprint) {
        return list(FIND_SAME, name, fingerprint).stream().findFirst();
    }

    private static final String FIND =
            SELECT + "WHERE s.sweep_id = ? OR s.name = ? ORDER BY s.sweep_id = ? DESC, number DESC";

    /** The sweep of an id, or the newest of a name. */
    public Optional<StoredSweep> find(String idOrName) {
        return list(FIND, idOrName, idOrName, idOrName).stream().findFirst();
    }

    /** @throws PerduraException NOT_FOUND, with the nearest ids */
    public StoredSweep load(String idOrName) {
        return find(idOrName).orElseThrow(() -> {
            List<String> known = new ArrayList<>();
            listSweeps()
                    .forEach(sweep -> known.addAll(
                            List.of(sweep.sweepId(), sweep.identity().name())));
            List<String> nearest =
                    NearestNames.of(idOrName, known.stream().distinct().toList());
            String hint = nearest.isEmpty() ? "" : "; the nearest: " + String.join(", ", nearest);
            return new PerduraException(
                    ErrorCode.NOT_FOUND,
                    "sweep " + idOrName + " is not in the store" + hint + "; 'perdura sweep list' shows all");
        });
    }

    private static final String LIST = SELECT + "ORDER BY s.submitted_at DESC, s.sweep_id";

    /** Newest first. */
    public List<StoredSweep> listSweeps() {
        return list(LIST);
    }

    private List<StoredSweep> list(String sql, String... arguments) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                for (int i = 0; i < arguments.length; i++) {
                    select.setString(i + 1, arguments[i]);
                }
                List<StoredSweep> all = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        all.add(sweep(row));
                    }
                }
                return all;
            }
        });
    }

    private static StoredSweep sweep(ResultSet row) throws SQLException {
        return new StoredSweep(
                Columns.text(row, "sweep_id"),
                new StoredSweep.Identity(
                        Columns.text(row, "name"),
                        row.getInt("number"),
                        Columns.text(row, "fingerprint"),
                        Columns.text(row, "experiment"),
                        Columns.text(row, "spec"),
                        Columns.instant(row, "submitted_at")),
                SweepStatus.valueOf(Columns.text(row, "status")),
                new StoredSweep.Limits(row.getInt("concurrency"), row.getInt("priority")),
                new StoredSweep.Progress(
                        Columns.text(row, "objective"),
                        ObjectiveSpec.Goal.valueOf(Columns.text(row, "goal")),
                        row.getLong("ended_trials"),
                        row.getObject("best_value", Double.class),
                        row.getString("best_trial"),
                        row.getString("reason")),
                Runs.mlflow(row),
                Columns.instantOrNull(row, "ended_at"));
    }
}
