package perdura.store;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialKey;

/** Table sweep: what was submitted, and how it is steered. */
public record Sweeps(Database database) {
    /** For how long a sweep has been RUNNING: pauses, and the time after its end, are not counted. */
    static final String RAN_SECONDS = "extract(epoch FROM s.ran + coalesce(clock_timestamp() - s.runs_since, '0'))";

    private static final String SELECT = "SELECT " + RAN_SECONDS + """
             AS ran_seconds, s.*, r.experiment, d.mlflow_run_id, e.mlflow_experiment_id
            FROM sweep s
            JOIN run r ON r.run_id = s.sweep_id
            JOIN experiment e ON e.name = r.experiment
            LEFT JOIN delivery d ON d.run_id = s.sweep_id
            """;

    /**
     * A sweep to be submitted.
     *
     * @param fingerprint hash of the spec and of all trial keys
     * @param spec what was submitted
     * @param json the spec as canonical JSON
     */
    public record NewSweep(SweepSpec spec, String json, String fingerprint) {}

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
        return database.write(handle -> {
            lockSubmissions(handle);
            int number = handle.select(NEXT_NUMBER, name).mapTo(Integer.class).one();
            RunId runId = new RunId(name + "-" + number);
            RunRows.create(handle, run.apply(runId));
            SweepSpec spec = sweep.spec();
            handle.execute(
                    INSERT,
                    runId,
                    name,
                    number,
                    sweep.fingerprint(),
                    sweep.json(),
                    spec.trials().concurrency(),
                    spec.trials().priority(),
                    spec.objective().metric(),
                    spec.objective().goal());
            TrialRows.insert(handle, runId.value(), 0, trials);
            OutboxRows.addNote(handle, runId, SweepTrials.SOON);
            return runId.value();
        });
    }

    static void lockSubmissions(Handle handle) {
        handle.execute(LOCK_SUBMISSIONS);
    }

    private static final String LOCK = "SELECT status FROM sweep WHERE sweep_id = ? FOR UPDATE";

    /** Whoever changes a sweep or its trials holds this first, so that nobody waits in a circle. */
    static SweepStatus lock(Handle handle, String sweepId) {
        return handle.select(LOCK, sweepId)
                .mapTo(SweepStatus.class)
                .findOne()
                .orElseThrow(
                        () -> new PerduraException(ErrorCode.NOT_FOUND, "sweep " + sweepId + " is not in the store"));
    }

    /** Runs statements in one transaction, while nobody else changes the sweep or its trials. */
    static void change(Database database, String sweepId, Consumer<Handle> work) {
        database.change(handle -> {
            lock(handle, sweepId);
            work.accept(handle);
        });
    }

    private static final String FIND_SAME = SELECT + "WHERE s.name = ? AND s.fingerprint = ? ORDER BY number DESC";

    /** The newest sweep of this name with exactly this spec and these trials. */
    public Optional<StoredSweep> findSame(String name, String fingerprint) {
        return database.find(StoredSweep.class, FIND_SAME, name, fingerprint);
    }

    private static final String FIND =
            SELECT + "WHERE s.sweep_id = ? OR s.name = ? ORDER BY s.sweep_id = ? DESC, number DESC";

    /** The sweep of an id, or the newest of a name. */
    public Optional<StoredSweep> find(String idOrName) {
        return database.find(StoredSweep.class, FIND, idOrName, idOrName, idOrName);
    }

    /** @throws PerduraException NOT_FOUND, with the nearest ids */
    public StoredSweep load(String idOrName) {
        return find(idOrName).orElseThrow(() -> {
            List<String> known = new ArrayList<>();
            listSweeps()
                    .forEach(sweep -> known.addAll(
                            List.of(sweep.sweepId(), sweep.identity().name())));
            String hint = Nearest.hint(idOrName, known.stream().distinct().toList());
            return new PerduraException(
                    ErrorCode.NOT_FOUND,
                    "sweep " + idOrName + " is not in the store" + hint + "; " + Advice.SWEEP_LIST.in() + " shows all");
        });
    }

    private static final String LIST = SELECT + "ORDER BY s.submitted_at DESC, s.sweep_id";

    /** Newest first. */
    public List<StoredSweep> listSweeps() {
        return database.list(StoredSweep.class, LIST);
    }

    /**
     * A trial of a sweep to be submitted.
     *
     * @param label what tells it from the others, for people
     * @param spec canonical JSON, see {@code ResolvedTrialJson}
     * @param needs the pre-training, in the store already, that must be FINISHED before it begins; null: none
     */
    public record NewTrial(
            TrialKey key,
            String task,
            long seed,
            String spec,
            String label,
            @Nullable RunId needs) {
        /** A trial that needs no pre-training to be run first. */
        public NewTrial(TrialKey key, String task, long seed, String spec, String label) {
            this(key, task, seed, spec, label, null);
        }
    }
}
