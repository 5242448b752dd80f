package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.store.TestingStore.RUN;
import static perdura.store.TestingStore.newRun;
import static perdura.store.TestingStore.points;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.store.Events.Event;
import perdura.store.Forks.Fork;

@ExtendWith(TestingPostgres.class)
class TestForks {
    private static final RunId FORK = new RunId("fork-1");
    private static final String PLAN = "{\"stages\":[{\"stage\":1},{\"stage\":2},{\"stage\":3}]}";

    @Test
    void aForkBeginsWhereAStageOfItsOriginEnded(TestingStore store) {
        endStage(store, RUN, 2, 10);
        Forks forks = new Forks(store.database());

        Fork fork = forks.create(newRun(FORK, PLAN, "h2"), stageEnd(store, RUN), 3);

        Run run = new Runs(store.database()).loadRun(FORK);
        assertThat(run.progress().position()).isEqualTo(new Position(2, 0, 10));
        assertThat(run.progress().stateDigest()).isEqualTo("digest-10");
        assertThat(run.binding().dataDigest()).isEqualTo("data");
        assertThat(run.binding().threads()).isEqualTo(2);
        assertThat(new Commits(store.database()).findLast(FORK)).get().satisfies(first -> {
            assertThat(first.files().uri())
                    .isEqualTo(stageEnd(store, RUN).files().uri());
            assertThat(first.stageEnd()).isTrue();
        });
        Attempt own = store.claim(FORK);
        assertThat(own.fence()).isEqualTo(2);
        assertThat(own.fromStep()).isEqualTo(10);
        assertThat(new Events(store.database()).listEvents(FORK))
                .extracting(Event::detail)
                .containsExactly(fork.sentence());
        assertThat(fork.sentence())
                .isEqualTo("stage 3 begins with the weights of run-1 at the end of stage 2, step 10");
    }

    @Test
    void aPlanMayLeaveAStageOut(TestingStore store) {
        endStage(store, RUN, 1, 10);
        Forks forks = new Forks(store.database());
        NewRun run = newRun(FORK, "{\"stages\":[{\"stage\":1},{\"stage\":3}]}", "h2");

        Fork fork = forks.create(run, stageEnd(store, RUN), 3);

        assertThat(fork.sentence())
                .isEqualTo("stage 3 begins with the weights of run-1 at the end of stage 1, step 10");
        assertThat(forks.find(FORK)).contains(fork);
        assertThat(forks.listForks(RUN)).containsExactly(fork);
        assertThat(forks.lineage(FORK)).containsExactly(fork);
        assertThat(new Events(store.database()).listEvents(FORK))
                .extracting(Event::detail)
                .containsExactly(fork.sentence());
    }

    @Test
    void whatAForkBeganWithIsNeverPruned(TestingStore store) {
        endStage(store, RUN, 2, 10);
        new Forks(store.database()).create(newRun(FORK, PLAN, "h2"), stageEnd(store, RUN), 3);
        long fence = store.claim(FORK).fence();
        for (int step = 11; step < 15; step++) {
            commit(store, FORK, fence, 3, step, false);
        }

        List<StoredCheckpoint> gone = new Checkpoints(store.database()).prune(FORK, fence, 1);

        assertThat(gone).extracting(c -> c.position().step()).containsExactly(11L, 12L, 13L);
        assertThat(new Checkpoints(store.database()).listStageEnds(FORK))
                .extracting(c -> c.position().step())
                .containsExactly(10L);
    }

    @Test
    void lineageGoesBackToTheFirstRun(TestingStore store) {
        endStage(store, RUN, 1, 10);
        Forks forks = new Forks(store.database());
        Fork first = forks.create(newRun(FORK, PLAN, "h2"), stageEnd(store, RUN), 2);
        commit(store, FORK, store.claim(FORK).fence(), 2, 20, true);
        RunId grandchild = new RunId("fork-2");
        Fork second = forks.create(newRun(grandchild, PLAN, "h3"), stageEnd(store, FORK), 3);

        assertThat(forks.lineage(grandchild)).containsExactly(second, first);
        assertThat(forks.lineage(RUN)).isEmpty();
        assertThat(forks.listForks(RUN)).containsExactly(first);
    }

    @Test
    void creatingAForkAgainDoesNothing(TestingStore store) {
        endStage(store, RUN, 2, 10);
        Forks forks = new Forks(store.database());
        forks.create(newRun(FORK, PLAN, "h2"), stageEnd(store, RUN), 3);
        store.claim(FORK);

        forks.create(newRun(FORK, PLAN, "h2"), stageEnd(store, RUN), 3);

        assertThat(new Runs(store.database()).loadRun(FORK).binding().fence()).isEqualTo(2);
        assertThatThrownBy(() -> forks.create(newRun(FORK, PLAN, "other"), stageEnd(store, RUN), 3))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC));
    }

    /** A run with a commit at the end of a stage. */
    private static void endStage(TestingStore store, RunId run, int stage, long step) {
        store.createRun(run);
        Runs runs = new Runs(store.database());
        runs.recordPlan(run, "data", 2 * step);
        runs.bindThreads(run, 2);
        commit(store, run, store.claim(run).fence(), stage, step, true);
    }

    private static void commit(TestingStore store, RunId run, long fence, int stage, long step, boolean stageEnd) {
        new Commits(store.database())
                .publish(new Commit(
                        run,
                        fence,
                        new Position(stage, 0, step),
                        "digest-" + step,
                        new StoredCheckpoint.Files("file:///artifacts/" + run + "/" + step, "manifest-" + step, 1_000),
                        stageEnd,
                        points("train/loss", step - 1, step)));
    }

    private static StoredCheckpoint stageEnd(TestingStore store, RunId run) {
        return new Checkpoints(store.database()).listStageEnds(run).get(0);
    }
}
