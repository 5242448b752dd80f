package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.grids.spec.CheckpointState.PRESENT;
import static perdura.grids.spec.CheckpointState.PRUNED;
import static perdura.store.TestingStore.RUN;
import static perdura.store.TestingStore.commit;
import static perdura.store.TestingStore.points;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.store.Events.Event;

@ExtendWith(TestingPostgres.class)
class TestCommits {
    @Test
    void aCommitIsInTheStoreWholly(TestingStore store) throws SQLException {
        store.createRun(RUN);
        long fence = store.claim(RUN).fence();
        Commit commit = commit(RUN, fence, 0, 10);

        new Commits(store.database()).publish(commit);

        assertThat(new Metrics(store.database()).listPoints(RUN, "train/loss", 0))
                .isEqualTo(points("train/loss", 0, 10));
        assertThat(new Commits(store.database()).findLast(RUN)).get().satisfies(last -> {
            assertThat(last.position()).isEqualTo(new Position(1, 0, 10));
            assertThat(last.files().uri()).isEqualTo(commit.files().uri());
            assertThat(last.files().manifestDigest()).isEqualTo(commit.files().manifestDigest());
            assertThat(last.files().bytes()).isEqualTo(commit.files().bytes());
            assertThat(last.state()).isEqualTo(PRESENT);
        });
        Run run = new Runs(store.database()).loadRun(RUN);
        assertThat(run.progress().position()).isEqualTo(new Position(1, 0, 10));
        assertThat(run.progress().stateDigest()).isEqualTo("digest-10");
        assertThat(store.list("SELECT kind FROM outbox WHERE kind = 'METRICS'")).hasSize(1);
    }

    @Test
    void nanAndInfinitiesAreValues(TestingStore store) {
        store.createRun(RUN);
        List<MetricPoint> points = List.of(
                new MetricPoint("a", Double.NaN, 0, Instant.EPOCH),
                new MetricPoint("a", Double.POSITIVE_INFINITY, 1, Instant.EPOCH),
                new MetricPoint("a", Double.NEGATIVE_INFINITY, 2, Instant.EPOCH),
                new MetricPoint("a", Double.MIN_VALUE, 3, Instant.parse("2026-11-24T01:02:03.456789Z")),
                new MetricPoint("a", Math.nextDown(1.0), 4, Instant.EPOCH));

        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 5, points));

        assertThat(new Metrics(store.database()).listPoints(RUN, "a", 0)).isEqualTo(points);
        assertThat(new Metrics(store.database()).listPoints(RUN, "a", 4)).isEqualTo(points.subList(4, 5));
        assertThat(new Metrics(store.database()).listLatest(RUN)).isEqualTo(points.subList(4, 5));
    }

    @Test
    void keysAreListedOnce(TestingStore store) {
        store.createRun(RUN);
        List<MetricPoint> points = new ArrayList<>(points("b", 0, 3));
        points.addAll(points("a", 0, 3));
        points.addAll(points("c d/e", 0, 3));

        assertThat(new Metrics(store.database()).listKeys(RUN)).isEmpty();
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 3, points));

        assertThat(new Metrics(store.database()).listKeys(RUN)).containsExactly("a", "b", "c d/e");
    }

    @Test
    void publishingAgainChangesNothing(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        Commit commit = commit(RUN, store.claim(RUN).fence(), 0, 10);
        commits.publish(commit);
        String before = everything(store);

        commits.publish(commit);

        assertThat(everything(store)).isEqualTo(before);
    }

    @Test
    void aLaterAttemptThatRepeatsStepsAddsOnlyWhatIsNew(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        commits.publish(commit(RUN, store.claim(RUN).fence(), 0, 10));
        long fence = store.claim(RUN).fence();

        List<MetricPoint> repeated = new ArrayList<>();
        for (MetricPoint point : points("train/loss", 5, 15)) {
            repeated.add(new MetricPoint(
                    point.key(), point.value(), point.step(), point.time().plusSeconds(60)));
        }
        commits.publish(commit(RUN, fence, 7, repeated.subList(0, 2)));
        commits.publish(commit(RUN, fence, 10, repeated.subList(2, 5)));
        commits.publish(commit(RUN, fence, 15, repeated.subList(5, 10)));

        List<MetricPoint> kept = new Metrics(store.database()).listPoints(RUN, "train/loss", 0);
        assertThat(kept.subList(0, 10)).isEqualTo(points("train/loss", 0, 10));
        assertThat(kept.subList(10, 15)).isEqualTo(repeated.subList(5, 10));
        assertThat(store.list("SELECT commit_step FROM outbox WHERE kind = 'METRICS' ORDER BY id"))
                .containsExactly("10", "15");
        assertThat(new Events(store.database()).listEvents(RUN))
                .extracting(Event::kind)
                .doesNotContain("DIVERGED");
    }

    /** Images per second and the like differ whenever a step is executed: what MLflow has been told must stay true. */
    @Test
    void aValueThatARepeatedStepMeasuresAnewChangesNothing(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        List<MetricPoint> first = pace(100, 0, 10);
        commits.publish(commit(RUN, store.claim(RUN).fence(), 10, first));
        long fence = store.claim(RUN).fence();
        commits.publish(commit(RUN, fence, 10, pace(50, 5, 10)));
        commits.publish(commit(RUN, fence, 12, pace(50, 10, 12)));

        List<MetricPoint> kept = new Metrics(store.database()).listPoints(RUN, "system/images_per_second", 0);
        assertThat(kept.subList(0, 10)).isEqualTo(first);
        assertThat(kept.subList(10, 12)).isEqualTo(pace(50, 10, 12));
        assertThat(store.list("SELECT commit_step FROM outbox WHERE kind = 'METRICS' ORDER BY id"))
                .containsExactly("10", "12");
        assertThat(new Events(store.database()).listEvents(RUN))
                .extracting(Event::kind)
                .doesNotContain("DIVERGED");
    }

    private static List<MetricPoint> pace(double value, long from, long to) {
        return points("system/images_per_second", from, to).stream()
                .map(point -> new MetricPoint(point.key(), value, point.step(), point.time()))
                .toList();
    }

    @Test
    void anEventIsToldOnceOverAttempts(TestingStore store) {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        long fence = store.claim(RUN).fence();
        OnceEvent second = new OnceEvent("PROTOTYPES_UNIFORM", "stage 2", "epoch 3");
        commits.publish(telling(commit(RUN, fence, 0, 10), second));
        commits.publish(telling(commit(RUN, fence, 0, 10), second));
        commits.publish(telling(
                commit(RUN, store.claim(RUN).fence(), 5, 20),
                new OnceEvent("PROTOTYPES_UNIFORM", "stage 2", "epoch 4"),
                new OnceEvent("PROTOTYPES_UNIFORM", "stage 3", "epoch 0"),
                new OnceEvent("GLOBAL_LOSS_AT_CHANCE", "stage 2", "epoch 3")));

        assertThat(new Events(store.database()).listEvents(RUN))
                .filteredOn(event -> event.detail().startsWith("epoch"))
                .extracting(event -> event.kind() + " " + event.detail())
                .containsExactly(
                        "PROTOTYPES_UNIFORM epoch 3", "PROTOTYPES_UNIFORM epoch 0", "GLOBAL_LOSS_AT_CHANCE epoch 3");
    }

    @Test
    void anEventOfARefusedCommitIsNotTold(TestingStore store) {
        store.createRun(RUN);
        long old = store.claim(RUN).fence();
        store.claim(RUN);
        Commit refused = telling(commit(RUN, old, 0, 10), new OnceEvent("TOLD", "run", "too late"));
        assertThatThrownBy(() -> new Commits(store.database()).publish(refused))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED));
        assertThat(new Events(store.database()).listEvents(RUN))
                .extracting(Event::kind)
                .doesNotContain("TOLD");
    }

    private static Commit telling(Commit commit, OnceEvent... events) {
        return new Commit(
                commit.runId(),
                commit.fence(),
                commit.position(),
                commit.stateDigest(),
                new StoredCheckpoint.Files(
                        commit.files().uri(),
                        commit.files().manifestDigest(),
                        commit.files().bytes()),
                commit.stageEnd(),
                commit.score(),
                commit.points(),
                List.of(events));
    }

    @Test
    void aDamagedCheckpointIsThereAgainWhenALaterAttemptComesToTheSameState(TestingStore store) {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        commits.publish(commit(RUN, store.claim(RUN).fence(), 0, 10));
        commits.publish(commit(RUN, store.claim(RUN).fence(), 10, 20));
        new Checkpoints(store.database()).markDamaged(RUN, 20, "weights.safetensors: wrong digest");
        new Checkpoints(store.database()).markDamaged(RUN, 20, "weights.safetensors: wrong digest");
        assertThat(commits.findLast(RUN).orElseThrow().position().step()).isEqualTo(10);

        Attempt again = store.claim(RUN);
        Commit same = commit(RUN, again.fence(), 10, 20);
        Commit elsewhere = new Commit(
                RUN,
                again.fence(),
                same.position(),
                same.stateDigest(),
                new StoredCheckpoint.Files("file:///new", "m", 7),
                true,
                same.points());
        commits.publish(elsewhere);

        assertThat(new Events(store.database()).listEvents(RUN))
                .filteredOn(event -> event.kind().equals("CHECKPOINT_DAMAGED"))
                .singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("step 20", "wrong digest"));
        assertThat(again.fromStep()).isEqualTo(10);
        assertThat(commits.isPublished(elsewhere)).isTrue();
        assertThat(commits.findLast(RUN)).get().satisfies(last -> {
            assertThat(last.position().step()).isEqualTo(20);
            assertThat(last.files().uri()).isEqualTo("file:///new");
            assertThat(last.stageEnd()).isTrue();
        });
    }

    @Test
    void anotherStateAtAKnownStepReplacesTheOldOneAndIsTold(TestingStore store) {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        Commit first = commit(RUN, store.claim(RUN).fence(), 0, 10);
        commits.publish(first);

        long fence = store.claim(RUN).fence();
        commits.publish(new Commit(
                RUN,
                fence,
                first.position(),
                "other",
                new StoredCheckpoint.Files("file:///other", "m", 7),
                false,
                first.points()));

        assertThat(new Runs(store.database()).loadRun(RUN).progress().stateDigest())
                .isEqualTo("other");
        assertThat(commits.findLast(RUN).orElseThrow().stateDigest()).isEqualTo("other");
        assertThat(new Events(store.database()).listEvents(RUN))
                .filteredOn(event -> event.kind().equals("DIVERGED"))
                .singleElement()
                .satisfies(event -> assertThat(event.detail()).contains("step 10", "digest-10", "other"));
    }

    @Test
    void aStaleFenceIsRefusedAndLeavesNoTrace(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Commits commits = new Commits(store.database());
        long old = store.claim(RUN).fence();
        long newest = store.claim(RUN).fence();
        assertThat(newest).isGreaterThan(old);
        String before = everything(store);

        assertThatThrownBy(() -> commits.publish(commit(RUN, old, 0, 10)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED))
                .hasMessageContaining("attempt " + old)
                .hasMessageContaining("attempt " + newest);

        assertThat(everything(store)).isEqualTo(before);
        commits.publish(commit(RUN, newest, 0, 10));
    }

    @Test
    void sqlItselfRefusesAStaleFence(TestingStore store) throws SQLException {
        store.createRun(RUN);
        long old = store.claim(RUN).fence();
        new Commits(store.database()).publish(commit(RUN, old, 0, 10));
        store.claim(RUN);

        assertRefused(
                store,
                "INSERT INTO commit (run_id, step, stage, epoch, state_digest, fence) VALUES ('run-1', 20, 1, 0, 'd', %d)",
                old);
        assertRefused(store, "UPDATE commit SET state_digest = 'x', fence = %d WHERE run_id = 'run-1'", old);
        assertRefused(
                store,
                "INSERT INTO checkpoint (run_id, step, uri, manifest_digest, bytes, stage_end, fence)"
                        + " VALUES ('run-1', 10, 'u', 'm', 1, false, %d) ON CONFLICT DO NOTHING",
                old);
        assertRefused(store, "UPDATE checkpoint SET uri = 'u', fence = %d WHERE run_id = 'run-1'", old);
    }

    private static void assertRefused(TestingStore store, String sql, long fence) {
        assertThatThrownBy(() -> store.execute(sql.formatted(fence)))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("PD001"));
    }

    @Test
    void aCommitForNoRunIsRefused(TestingStore store) {
        assertThatThrownBy(() -> new Commits(store.database()).publish(commit(new RunId("nobody"), 1, 0, 10)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    @Test
    void onlyTheNewestOfManyClaimsCommits(TestingStore store) throws Exception {
        store.createRun(RUN);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Long> fences = new ArrayList<>();
        try {
            List<Future<Long>> claims = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                claims.add(threads.submit(() -> store.claim(RUN).fence()));
            }
            for (Future<Long> claim : claims) {
                fences.add(claim.get());
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(fences).doesNotHaveDuplicates().contains(1L, 16L);
        Commits commits = new Commits(store.database());
        for (long fence = 1; fence < 16; fence++) {
            Commit stale = commit(RUN, fence, 0, 10);
            assertThatThrownBy(() -> commits.publish(stale)).isInstanceOf(PerduraException.class);
        }
        commits.publish(commit(RUN, 16, 0, 10));
    }

    @Test
    void aClaimWaitsForACommitThatIsUnderWay(TestingStore store) throws Exception {
        store.createRun(RUN);
        long old = store.claim(RUN).fence();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (var raw = store.rawConnection()) {
            raw.setAutoCommit(false);
            raw.createStatement()
                    .execute("INSERT INTO commit (run_id, step, stage, epoch, state_digest, fence)"
                            + " VALUES ('run-1', 10, 1, 0, 'd', " + old + ")");
            Future<Long> claim = thread.submit(() -> store.claim(RUN).fence());
            awaitBlocked(store);
            assertThat(claim.isDone()).isFalse();
            raw.commit();
            assertThat(claim.get()).isEqualTo(old + 1);
        } finally {
            thread.shutdownNow();
        }
    }

    private static void awaitBlocked(TestingStore store) throws SQLException {
        String blocked =
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while (store.list(blocked).isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void pruningKeepsTheNewestAndStageEnds(TestingStore store) {
        store.createRun(RUN);
        long fence = store.claim(RUN).fence();
        Commits commits = new Commits(store.database());
        for (long step = 1; step <= 6; step++) {
            Commit plain = commit(RUN, fence, step - 1, step);
            commits.publish(new Commit(
                    RUN,
                    fence,
                    plain.position(),
                    plain.stateDigest(),
                    new StoredCheckpoint.Files(plain.files().uri(), "m", 1),
                    step == 2,
                    plain.points()));
        }
        Checkpoints checkpoints = new Checkpoints(store.database());

        assertThat(checkpoints.prune(RUN, fence, 3))
                .extracting(checkpoint -> checkpoint.position().step())
                .containsExactly(1L, 3L);
        assertThat(checkpoints.prune(RUN, fence, 3)).isEmpty();
        assertThat(checkpoints.listCheckpoints(RUN))
                .extracting(StoredCheckpoint::state)
                .containsExactly(PRESENT, PRESENT, PRESENT, PRUNED, PRESENT, PRUNED);

        store.claim(RUN);
        assertThatThrownBy(() -> checkpoints.prune(RUN, fence, 1))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED));
    }

    @Test
    void theBestCheckpointStays(TestingStore store) {
        store.createRun(RUN);
        long fence = store.claim(RUN).fence();
        Checkpoints checkpoints = new Checkpoints(store.database());
        assertThat(checkpoints.findBest(RUN)).isEmpty();
        List<List<Long>> pruned = new ArrayList<>();
        for (@Nullable Double score : Arrays.asList(3.0, null, 7.0, 5.0, 7.0, null)) {
            long step = pruned.size() + 1L;
            Commit plain = commit(RUN, fence, step - 1, step);
            new Commits(store.database())
                    .publish(new Commit(
                            RUN,
                            fence,
                            plain.position(),
                            plain.stateDigest(),
                            new StoredCheckpoint.Files(plain.files().uri(), "m", 1),
                            false,
                            score,
                            plain.points(),
                            List.of()));
            pruned.add(checkpoints.prune(RUN, fence, 1).stream()
                    .map(checkpoint -> checkpoint.position().step())
                    .toList());
        }

        assertThat(pruned).containsExactly(List.of(), List.of(), List.of(1L, 2L), List.of(), List.of(4L), List.of(5L));
        assertThat(checkpoints.findBest(RUN)).hasValueSatisfying(best -> {
            assertThat(best.position().step()).as("the earliest of equal ones").isEqualTo(3);
            assertThat(best.score()).isEqualTo(7.0);
        });
        assertThat(checkpoints.listSpare(RUN, 1)).isEmpty();
        checkpoints.markDamaged(RUN, 3, "a byte is wrong");
        assertThat(checkpoints.findBest(RUN))
                .as("no other that is there has a score")
                .isEmpty();
    }

    /** All that a commit may change, as one text. */
    private static String everything(TestingStore store) throws SQLException {
        return String.join("\n", store.list("""
                        SELECT 'commit ' || c::text FROM commit c
                        UNION ALL SELECT 'metric ' || m::text FROM metric m
                        UNION ALL SELECT 'outbox ' || o::text FROM outbox o
                        UNION ALL SELECT 'run ' || r::text FROM run r
                        UNION ALL SELECT 'event ' || e::text FROM event e
                        UNION ALL SELECT 'checkpoint ' || k.step || k.uri || k.state || k.fence FROM checkpoint k
                        ORDER BY 1
                        """));
    }
}
