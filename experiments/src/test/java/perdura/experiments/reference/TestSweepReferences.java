package perdura.experiments.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.submit.ForkPoint;
import perdura.experiments.submit.PretrainPlan;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Attempts;
import perdura.store.Checkpoints;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Forks;
import perdura.store.NewRun;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.weights.WeightStore;

class TestSweepReferences {
    private static final RunId RUN = new RunId("pre-1");
    private static final String DATA = "d".repeat(64);

    @TempDir
    private Path folder;

    private FreshDatabase postgres;
    private Database database;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void stagesAreKnownAsTheyEnd() {
        long fence = begin();
        endStage(fence, new Position(2, 0, 200));
        endStage(fence, new Position(3, 0, 230));

        assertThat(locators("pre-1@1", "pre-1@2", "pre-1@3", "pre-1"))
                .containsExactly(
                        Optional.of("run:pre-1@1"),
                        Optional.of("run:pre-1@2"),
                        Optional.empty(),
                        Optional.of("run:pre-1@2"));
        endStage(fence, new Position(3, 6, 290));
        assertThat(locators("pre-1@1", "pre-1@2", "pre-1@3", "pre-1"))
                .containsExactly(
                        Optional.of("run:pre-1@1"),
                        Optional.of("run:pre-1@2"),
                        Optional.of("run:pre-1@3"),
                        Optional.of("run:pre-1@3"));
    }

    @Test
    void theBestCheckpointIsAnEncoderOfItsOwn() {
        long fence = begin();
        assertThat(locators("pre-1@best")).containsExactly(Optional.empty());
        new Commits(database)
                .publish(new Commit(
                        RUN,
                        fence,
                        new Position(1, 1, 10),
                        "c".repeat(64),
                        new StoredCheckpoint.Files(folder.toUri().toString(), "d".repeat(64), 100),
                        false,
                        12.5,
                        List.of(),
                        List.of()));
        assertThat(locators("pre-1@best"))
                .as("a later checkpoint may be better")
                .containsExactly(Optional.empty());
        new Runs(database).finishRun(RUN, RunStatus.FINISHED, null, null);
        assertThat(locators("pre-1@best")).containsExactly(Optional.of("run:pre-1@best"));
        assertThat(references().target(Kind.WEIGHTS, "pre-1@best").identity())
                .endsWith("@best-of-" + spec().execution().validation().pairs());
    }

    @Test
    void aForkIsNotWhatItsSpecAloneSays() {
        endStage(begin(), new Position(2, 0, 200));
        RunId forked = new RunId("fork-1");
        ForkPoint point = ForkPoint.find(
                new Runs(database).loadRun(RUN), new Checkpoints(database).listStageEnds(RUN), spec(), 2);
        new Forks(database).create(point.mark(newRun(forked)), point.checkpoint(), point.stage());

        SweepReferences references = references();
        assertThat(references.target(Kind.WEIGHTS, "fork-1@1").identity())
                .isNotEqualTo(references.target(Kind.WEIGHTS, "pre-1@1").identity());
    }

    /** A command's own: what it has found once, it does not look for again. */
    private SweepReferences references() {
        return new SweepReferences(database, new WeightStore(folder));
    }

    private List<Optional<String>> locators(String... names) {
        SweepReferences references = references();
        return List.of(names).stream()
                .map(name -> references
                        .findDigest(Kind.WEIGHTS, name)
                        .map(digest -> references.target(Kind.WEIGHTS, name).locator()))
                .toList();
    }

    private static PretrainSpec spec() {
        return Methods.load()
                .specs()
                .ofProfile(
                        new PretrainStart("pre", "tests", PriorSpec.NAME, "tiny", DATA, new ResourceSpec("cpu", 1)),
                        List.of());
    }

    private static NewRun newRun(RunId run) {
        return PretrainPlan.newRun(spec(), run, "me", Optional.empty());
    }

    private long begin() {
        Runs runs = new Runs(database);
        runs.createRun(newRun(RUN));
        runs.recordPlan(RUN, DATA, 290);
        runs.startRun(RUN);
        return new Attempts(database).claim(RUN, "host/0", "pytorch cpu 1").fence();
    }

    private void endStage(long fence, Position position) {
        new Commits(database)
                .publish(new Commit(
                        RUN,
                        fence,
                        position,
                        "c".repeat(64),
                        new StoredCheckpoint.Files(folder.toUri().toString(), "d".repeat(64), 100),
                        true,
                        List.of()));
    }
}
