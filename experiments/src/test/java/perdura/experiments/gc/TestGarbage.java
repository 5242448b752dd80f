package perdura.experiments.gc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.Attempts;
import perdura.store.Checkpoints;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Forks;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.testkit.FreshDatabase;
import perdura.training.checkpoint.PreparedEpoch;

class TestGarbage {
    private static final RunId RUN = new RunId("run-1");

    @TempDir
    private Path root;

    private FreshDatabase postgres;
    private Database database;
    private Garbage garbage;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        garbage = new Garbage(database, root, 1);
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void ofAnEndedRunTheNewestAndTheStageEndsStay() throws IOException {
        long fence = begin(RUN);
        commit(RUN, fence, 1, 10, true);
        commit(RUN, fence, 2, 20, false);
        commit(RUN, fence, 2, 30, false);
        Path left = Files.createDirectories(root.resolve("run-1/.writing-1-40"));
        end(RUN);

        List<Garbage.OfRun> found = garbage.find();

        assertThat(found)
                .containsExactly(new Garbage.OfRun(RUN, List.of(folder(RUN, 2, 20)), List.of(left), List.of(), 5));
        assertThat(folders()).hasSize(4); // looking removes nothing
        garbage.remove(found.get(0));
        assertThat(folders()).containsExactly("1-0-10-00000000", "2-0-30-00000000");
        assertThat(present(RUN)).containsExactly(30L, 10L);
        assertThat(garbage.find()).isEmpty();
    }

    @Test
    void whatWasPreparedForEpochsGoesOnceTheRunHasFinished() throws IOException {
        commit(RUN, begin(RUN), 1, 10, false);
        PreparedEpoch epoch = new PreparedEpoch(root, RUN, 5, "", DurableEffects.counting());
        epoch.keepShard(0, 1, folder -> Files.writeString(folder.resolve("a"), "123"));
        epoch.keepCombined((scratch, folder) -> Files.writeString(folder.resolve("b"), "4"));
        new Runs(database).finishRun(RUN, RunStatus.KILLED, null, null);
        assertThat(garbage.find()).isEmpty(); // it may be resumed

        new Runs(database).startRun(RUN);
        end(RUN);
        List<Garbage.OfRun> found = garbage.find();
        assertThat(found).singleElement().satisfies(run -> {
            assertThat(run.leftovers()).containsExactly(root.resolve("run-1/epochs/000000000005-initial"));
            assertThat(run.bytes()).isGreaterThan(4);
        });
        garbage.remove(found.get(0));
        assertThat(folders()).containsExactly("1-0-10-00000000");
        assertThat(garbage.find()).isEmpty();
    }

    @Test
    void whatTheStoreDoesNotKnowIsNamedAndStays() throws IOException {
        commit(RUN, begin(RUN), 1, 10, true);
        end(RUN);
        Path unknown = Files.createDirectories(root.resolve("run-1/1-0-99-0123abcd"));

        List<Garbage.OfRun> found = garbage.find();

        assertThat(found).singleElement().satisfies(run -> {
            assertThat(run.unknown()).containsExactly(unknown);
            assertThat(run.isEmpty()).isTrue();
            assertThat(run.bytes()).isZero();
        });
        garbage.remove(found.get(0));
        assertThat(unknown).exists();
    }

    @Test
    void noLinkIsFollowed(@TempDir Path others) throws IOException {
        long fence = begin(RUN);
        commit(RUN, fence, 1, 10, false);
        commit(RUN, fence, 1, 20, false);
        Path kept = Files.writeString(others.resolve("kept"), "of somebody else");
        Files.createSymbolicLink(root.resolve("run-1/.writing-1-40"), others);
        Files.createSymbolicLink(folder(RUN, 1, 10).resolve("elsewhere"), others);
        Files.createSymbolicLink(
                Files.createDirectories(root.resolve("run-1/epochs")).resolve("000000000005-initial"), others);
        end(RUN);

        assertThat(garbage.find())
                .singleElement()
                .satisfies(run -> assertThat(run.bytes()).isEqualTo(5));
        garbage.find().forEach(garbage::remove);

        assertThat(kept).exists();
        assertThat(folders()).containsExactly("1-0-20-00000000");
        assertThat(garbage.find()).isEmpty();
    }

    @Test
    void aLinkInPlaceOfARunsFolderIsNotFollowed(@TempDir Path others) throws IOException {
        commit(RUN, begin(RUN), 1, 10, true);
        end(RUN);
        Path kept = Files.createDirectories(others.resolve(".writing-1-40"));
        Files.move(root.resolve("run-1"), root.resolve("moved"));
        Files.createSymbolicLink(root.resolve("run-1"), others);

        garbage.find().forEach(garbage::remove);

        assertThat(kept).exists();
    }

    @Test
    void aFolderBelongsToOneStore() throws IOException {
        new ArtifactFolder(root).claim(database);
        new ArtifactFolder(root).claim(database);
        try (FreshDatabase other = FreshDatabase.create();
                Database second = Database.open(
                        new DatabaseConfig(other.jdbcUrl(), "postgres", "postgres"),
                        DurableEffects.counting(),
                        Duration.ofSeconds(30))) {
            assertThatThrownBy(() -> new ArtifactFolder(root).claim(second))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                    .hasMessageContaining(root.toString())
                    .hasMessageContaining("PERDURA_ARTIFACTS");
            Files.delete(root.resolve(".perdura-store"));
            new ArtifactFolder(root).claim(second);
        }
        assertThatThrownBy(() -> new ArtifactFolder(root).claim(database)).isInstanceOf(PerduraException.class);
    }

    @Test
    void aRunThatHasNotEndedIsLeftAlone() throws IOException {
        long fence = begin(RUN);
        commit(RUN, fence, 1, 10, false);
        commit(RUN, fence, 1, 20, false);

        assertThat(garbage.find()).isEmpty();
        garbage.remove(new Garbage.OfRun(RUN, List.of(), List.of(), List.of(), 0));
        assertThat(present(RUN)).containsExactly(20L, 10L);
        assertThat(folders()).hasSize(2);
    }

    @Test
    void aRunThatIsResumedMeanwhileKeepsWhatItHas() throws IOException {
        long fence = begin(RUN);
        commit(RUN, fence, 1, 10, false);
        commit(RUN, fence, 1, 20, false);
        new Runs(database).finishRun(RUN, RunStatus.KILLED, null, null);
        Garbage.OfRun found = garbage.find().get(0);
        new Runs(database).startRun(RUN);

        garbage.remove(found);

        assertThat(present(RUN)).containsExactly(20L, 10L);
        assertThat(folders()).hasSize(2);
    }

    @Test
    void whatAnotherRunBeganWithStays() throws IOException {
        commit(RUN, begin(RUN), 1, 10, true);
        end(RUN);
        RunId fork = new RunId("fork-1");
        StoredCheckpoint origin = new Checkpoints(database).listStageEnds(RUN).get(0);
        new Forks(database).create(newRun(fork), origin, 2);
        new Runs(database).startRun(fork);
        long fence = new Attempts(database).claim(fork, "host", "cpu").fence();
        commit(fork, fence, 2, 20, false);
        commit(fork, fence, 2, 30, false);
        end(fork);

        garbage.find().forEach(garbage::remove);

        assertThat(folders()).containsExactly("1-0-10-00000000", "2-0-30-00000000");
        assertThat(present(fork)).containsExactly(30L, 10L);
    }

    private long begin(RunId run) {
        new Runs(database).createRun(newRun(run));
        new Runs(database).startRun(run);
        return new Attempts(database).claim(run, "host", "cpu").fence();
    }

    private static NewRun newRun(RunId run) {
        return new NewRun(
                run, new Run.Identity("tests", run.value(), RunKind.PRETRAIN, "{}", "hash", 1), Map.of(), Map.of());
    }

    private void commit(RunId run, long fence, int stage, long step, boolean stageEnd) throws IOException {
        Path folder = folder(run, stage, step);
        Files.writeString(Files.createDirectories(folder).resolve("weights"), "12345");
        new Commits(database)
                .publish(new Commit(
                        run,
                        fence,
                        new Position(stage, 0, step),
                        "state-" + step,
                        new StoredCheckpoint.Files(folder.toUri().toString(), "manifest", 5),
                        stageEnd,
                        List.of()));
    }

    private Path folder(RunId run, int stage, long step) {
        return root.resolve(run.value()).resolve(stage + "-0-" + step + "-00000000");
    }

    private void end(RunId run) {
        new Runs(database).finishRun(run, RunStatus.FINISHED, null, null);
    }

    private List<Long> present(RunId run) {
        return new Checkpoints(database)
                .listCheckpoints(run).stream()
                        .filter(checkpoint -> checkpoint.state() == CheckpointState.PRESENT)
                        .map(checkpoint -> checkpoint.position().step())
                        .toList();
    }

    /** Of all runs. */
    private List<String> folders() {
        try (Stream<Path> found = Files.walk(root, 2)) {
            return found.filter(path -> root.relativize(path).getNameCount() == 2)
                    .map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
