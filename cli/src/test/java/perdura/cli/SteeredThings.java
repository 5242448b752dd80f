package perdura.cli;

import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.testserver.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.activities.worker.TemporalConfig;
import perdura.activities.worker.TemporalConnection;
import perdura.datasets.ingest.Ingest;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.read.IngestSpecJson;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Ingests;
import perdura.store.Runs;
import perdura.store.StoredDataSet;
import perdura.store.SweepControl;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.TrialLeases;
import perdura.testkit.FreshDatabase;
import perdura.training.tasks.Tasks;

/** Things of every kind in every state, in a real Postgres and with workflows in an in-process Temporal that no worker serves. */
final class SteeredThings implements AutoCloseable {
    private static final List<State> ENDED =
            List.of(State.FINISHED, State.STOPPED, State.CANCELLED, State.FAILED, State.SPENT);

    private final Path folder;
    private final FreshDatabase postgres = FreshDatabase.create();
    private final Database database;
    private final TestServer.PortBoundTestServer server;
    private final TemporalConnection temporal;
    private final String temporalAddress;
    private @Nullable StoredPretraining pretrainings;
    private int made;

    SteeredThings(Path folder) {
        this.folder = folder;
        this.database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        int port = freePort();
        this.server = TestServer.createPortBoundServer(port);
        this.temporalAddress = "127.0.0.1:" + port;
        this.temporal = TemporalConnection.open(TemporalConfig.plain(temporalAddress), Duration.ofMinutes(2));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A terminal whose commands meet these things, over connections that stay open: most of a short command's time is opening its own. */
    RecordingTerminal terminal() {
        Map<String, String> environment = new TreeMap<>(RecordingTerminal.environment(postgres.jdbcUrl(), folder));
        environment.put("PERDURA_TEMPORAL_ADDRESS", temporalAddress);
        return new RecordingTerminal(environment, new Connections.Servers(database, temporal));
    }

    Database database() {
        return database;
    }

    Path artifacts() {
        return folder.resolve("artifacts");
    }

    @Override
    public void close() {
        temporal.close();
        server.close();
        database.close();
        postgres.close();
    }

    /**
     * Makes one.
     *
     * @param sweepState of a trial: that of its sweep; null for other kinds
     * @return as the table sees it
     */
    Thing make(Kind kind, State state, @Nullable State sweepState) {
        made++;
        return switch (kind) {
            case PRETRAINING -> pretraining(state);
            case TRIAL -> trial(state, Objects.requireNonNull(sweepState));
            case SWEEP -> sweep(state, false);
            case INGEST -> ingest(state);
        };
    }

    private Thing pretraining(State state) {
        try {
            if (pretrainings == null) {
                pretrainings = new StoredPretraining(database, folder);
                database.write(handle ->
                        handle.execute("INSERT INTO dataset_name (name, digest) SELECT 'stored', digest FROM dataset"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String id = "pre-" + made;
        Runs runs = new Runs(database);
        RunId run = state == State.SCHEDULED
                ? pretrainings.create(id)
                : pretrainings.run(id, state == State.FINISHED ? 3 : 1);
        if (state != State.SCHEDULED) {
            runs.startRun(run);
        }
        switch (state) {
            case PAUSED -> runs.markPaused(run, true);
            case FINISHED, KILLED -> runs.finishRun(run, RunStatus.valueOf(state.name()), null, null);
            case FAILED -> runs.finishRun(run, RunStatus.FAILED, "TRAINING_DIVERGED", "the loss is NaN");
            default -> {}
        }
        if (List.of(State.SCHEDULED, State.RUNNING, State.PAUSED).contains(state)) {
            new RunStarter(temporal.client()).start(run);
        }
        return new Thing(id, Kind.PRETRAINING, state, null, 0, "");
    }

    /** The sweep's file, with so many points. */
    Path file(String name, int seed, int points, String budget) {
        StringBuilder values = new StringBuilder();
        for (int i = 1; i <= points; i++) {
            values.append(i == 1 ? "" : ", ").append("0.").append(i);
        }
        try {
            return Files.writeString(
                    folder.resolve(name + "-" + points + ".yaml"), """
                    apiVersion: perdura/v1
                    kind: Sweep
                    name: %s
                    task: no-op
                    base: {epochs: 4, steps: 1}
                    matrix: {value: [%s], seeds: [%d]}
                    objective: {metric: score, goal: max, report: [score]}
                    earlyStopping: {kind: asha, minEpochs: 1, reduction: 2}
                    budget: {%s}
                    """.formatted(name, values, seed, budget));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the sweep with a point more and no budget, for {@code extend}. */
    Path longerFile(String sweepId) {
        String name = sweepId.replaceFirst("-1$", "");
        return file(name, Integer.parseInt(name.replaceFirst("sweep-", "")), 4, "");
    }

    private record Submitted(String id, SweepSpec spec) {}

    private Submitted submit(String budget) {
        Path file = file("sweep-" + made, made, 3, budget);
        SweepSubmission submission = new SweepSubmission(database, artifacts());
        SweepExpansion expansion = submission.read(
                file.toString(),
                (tasks, references) ->
                        SweepReader.read(file, List.of(), tasks.schemas(), references, SweepReader.MOST_TRIALS));
        return new Submitted(submission.submit(expansion, submission.plan(expansion, false), false), expansion.spec());
    }

    private List<String> lease(Submitted sweep, int atMost) {
        return new TrialLeases(database)
                .lease(sweep.id(), sweep.spec(), List.of(), "execution", "shard", atMost).trials().stream()
                        .map(TrialLeases.Lease::trialKey)
                        .toList();
    }

    private Thing sweep(State state, boolean hasFailed) {
        Submitted sweep = submit(state == State.SPENT ? "wallTime: 60s" : "");
        if (state == State.FINISHED) {
            finishAll(sweep, hasFailed);
        }
        settle(sweep, state);
        return thing(sweep, state, hasFailed ? 1 : 0);
    }

    private void finishAll(Submitted sweep, boolean hasFailed) {
        SweepTrials trials = new SweepTrials(database);
        List<String> keys = lease(sweep, 3);
        for (int i = 0; i < keys.size(); i++) {
            if (hasFailed && i == 0) {
                trials.failed(sweep.id(), keys.get(i), "execution", "TRAINING_DIVERGED", "the loss is NaN");
            } else {
                measure(trials.begin(sweep.id(), keys.get(i)).orElseThrow(), 0.1 * i);
                trials.finished(sweep.id(), keys.get(i));
            }
        }
    }

    private void measure(RunId run, double score) {
        for (String key : List.of("validation/score", "best/validation/score", "test/score")) {
            database.write(handle -> handle.execute(
                    "INSERT INTO metric (run_id, key, step, value, time, commit_step) VALUES (?, ?, 4, ?, now(), 4)",
                    run,
                    key,
                    score));
        }
    }

    private static Thing thing(Submitted sweep, State state, long failed) {
        String detail = state == State.SPENT ? "the budget of 1m of wall time is spent" : "";
        return new Thing(sweep.id(), Kind.SWEEP, state, null, failed, detail);
    }

    /** Leads a sweep that is RUNNING to a state, with a workflow where it has not ended. */
    private void settle(Submitted sweep, State state) {
        SweepControl control = new SweepControl(database);
        SweepStatus before = switch (state) {
            case PAUSED -> SweepStatus.PAUSED;
            case STOPPING, STOPPED -> SweepStatus.STOPPING;
            case CANCELLING, CANCELLED -> SweepStatus.CANCELLING;
            default -> SweepStatus.RUNNING;
        };
        control.move(sweep.id(), before.before(), before);
        if (state == State.SPENT) {
            database.write(handle -> handle.execute(
                    "UPDATE sweep SET runs_since = clock_timestamp() - interval '61 s' WHERE sweep_id = ?",
                    sweep.id()));
        }
        if (ENDED.contains(state)) {
            control.end(sweep.id(), state == State.FAILED ? "the store refused a call" : null);
        } else {
            new SweepStarter(temporal.client()).start(sweep.id());
        }
    }

    private Thing trial(State state, State sweepState) {
        Submitted sweep = submit(sweepState == State.SPENT ? "wallTime: 60s" : "");
        SweepTrials trials = new SweepTrials(database);
        List<String> keys = lease(sweep, 3);
        String key = keys.get(0);
        RunId run = trials.begin(sweep.id(), key).orElseThrow();
        long failed = 0;
        switch (state) {
            case PENDING -> trials.released(sweep.id(), key);
            case HELD -> trials.held(sweep.id(), key, 1);
            case FINISHED -> {
                picture(run);
                trials.finished(sweep.id(), key);
            }
            case FAILED -> {
                trials.failed(sweep.id(), key, "execution", "TRAINING_DIVERGED", "the loss is NaN");
                failed = 1;
            }
            default -> {} // RUNNING, and KILLED by the end of its sweep
        }
        for (String other : keys.subList(1, keys.size())) {
            if (sweepState == State.FINISHED) {
                trials.begin(sweep.id(), other);
                trials.finished(sweep.id(), other);
            } else {
                trials.givenBack(sweep.id(), List.of(other), "execution");
            }
        }
        settle(sweep, sweepState);
        return new Thing(run.value(), Kind.TRIAL, state, thing(sweep, sweepState, failed), 0, "");
    }

    /** Takes the first trial of a sweep back from its slot, and gives it out again; returns its key. */
    String giveOutAgain(String sweepId) {
        SweepSpec spec = SweepJson.read(
                        new Sweeps(database).load(sweepId).identity().spec(),
                        Tasks.load().schemas())
                .spec();
        String key = database.one(
                String.class, "SELECT trial_key FROM sweep_trial WHERE sweep_id = ? ORDER BY ordinal LIMIT 1", sweepId);
        new SweepTrials(database).released(sweepId, key);
        return lease(new Submitted(sweepId, spec), 1).get(0);
    }

    /** As a trial on masks leaves it. */
    private void picture(RunId run) {
        try {
            Files.writeString(
                    Files.createDirectories(artifacts().resolve(run.value()).resolve("figures"))
                            .resolve("mask.png"),
                    "drawn");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Thing ingest(State state) {
        String name = "ingest-" + made;
        try {
            IngestSpec spec = IngestFlags.standard(
                    SourceSet.RSNA, Files.createDirectories(folder.resolve("the data of " + name)), 64);
            String id = Ingest.key(spec);
            Ingests ingests = new Ingests(database);
            ingests.begin(id, name, IngestSpecJson.write(spec));
            Files.writeString(folder.resolve("report.txt"), "as it was ingested");
            switch (state) {
                case FINISHED ->
                    ingests.finish(
                            id,
                            name,
                            new DataSets.NewDataSet(
                                    "d".repeat(64),
                                    new StoredDataSet.Source("rsna", "prior", 64),
                                    new StoredDataSet.Size(1, 1, 1),
                                    folder.toUri().toString()),
                            0);
                case FAILED -> ingests.fail(id, "INVALID_DATA", "no table");
                default -> {}
            }
            return new Thing(name, Kind.INGEST, state, null, 0, IngestFlags.command(ingests.loadIngest(id)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sweep that is FINISHED with a failed trial. */
    Thing withFailedTrial() {
        made++;
        return sweep(State.FINISHED, true);
    }

    /** Everything that a command could have changed: rows, workflows, files. */
    Map<String, String> snapshot(Thing thing) {
        Map<String, String> all = new TreeMap<>();
        List<String> tables = database.list(
                String.class, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
        for (String table : tables) {
            all.put(
                    table,
                    database.one(
                            String.class,
                            "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '-') FROM \"" + table
                                    + "\" t"));
        }
        all.put("workflow", workflow(thing));
        try (Stream<Path> files = Files.walk(Files.createDirectories(artifacts()))) {
            List<String> names = new ArrayList<>();
            files.sorted().forEach(file -> names.add(file + " " + file.toFile().lastModified()));
            all.put("files", names.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** Status of its workflow, or that of a trial's sweep, and how many events it has. */
    String workflow(Thing thing) {
        Thing steered = thing.sweep() == null ? thing : thing.sweep();
        String id = (steered.kind() == Kind.SWEEP ? "sweep-" : "pretrain-") + steered.id();
        try {
            WorkflowExecutionDescription found =
                    temporal.client().newUntypedWorkflowStub(id).describe();
            return found.getStatus() + " "
                    + found.getRawDescription().getWorkflowExecutionInfo().getHistoryLength();
        } catch (WorkflowNotFoundException e) {
            return "none";
        } catch (StatusRuntimeException e) {
            return "none";
        }
    }

    boolean isWorkflowRunning(Thing thing) {
        return workflow(thing).startsWith(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING.name());
    }
}
