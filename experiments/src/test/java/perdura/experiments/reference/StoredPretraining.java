package perdura.experiments.reference;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import perdura.experiments.submit.PretrainPlan;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.store.Attempts;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.NewRun;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;

/** A pre-training in a store of its own, whose checkpoints have no files. */
final class StoredPretraining implements AutoCloseable {
    static final RunId RUN = new RunId("pre-1");
    static final String DATA = "d".repeat(64);

    private final Path folder;
    private final FreshDatabase postgres;
    private final Database database;

    StoredPretraining(Path folder) throws IOException {
        this.folder = folder;
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
    }

    Database database() {
        return database;
    }

    static PretrainSpec spec(String method, String... settings) {
        return Methods.load()
                .specs()
                .ofProfile(
                        new PretrainStart("pre", "tests", method, "tiny", DATA, new ResourceSpec("cpu", 1)),
                        List.of(settings));
    }

    static NewRun newRun(PretrainSpec spec, RunId run) {
        return PretrainPlan.newRun(spec, run, "me", Optional.empty());
    }

    void create(PretrainSpec spec) {
        new Runs(database).createRun(newRun(spec, RUN));
    }

    /** Plans it and begins it; returns the fence of its attempt. */
    long begin(long totalSteps) {
        Runs runs = new Runs(database);
        runs.recordPlan(RUN, DATA, totalSteps);
        runs.startRun(RUN);
        return new Attempts(database).claim(RUN, "host/0", "pytorch cpu 1").fence();
    }

    void endStage(long fence, Position position) {
        new Commits(database).publish(new Commit(RUN, fence, position, "c".repeat(64), files(), true, List.of()));
    }

    /** A checkpoint of step 10, which is the best so far. */
    void keepBest(long fence) {
        new Commits(database)
                .publish(new Commit(
                        RUN,
                        fence,
                        new Position(1, 1, 10),
                        "c".repeat(64),
                        files(),
                        false,
                        12.5,
                        List.of(),
                        List.of()));
    }

    private StoredCheckpoint.Files files() {
        return new StoredCheckpoint.Files(folder.toUri().toString(), "d".repeat(64), 100);
    }

    @Override
    public void close() throws IOException {
        database.close();
        postgres.close();
    }
}
