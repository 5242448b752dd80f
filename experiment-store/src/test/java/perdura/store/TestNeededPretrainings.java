package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static perdura.store.TestingSweeps.NO_STOPPING;
import static perdura.store.TestingSweeps.key;
import static perdura.store.TestingSweeps.keys;
import static perdura.store.TestingSweeps.spec;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialState;

@ExtendWith(TestingPostgres.class)
class TestNeededPretrainings {
    private static final SweepSpec SPEC = spec("probe");
    private static final RunId A = new RunId("pretraining-a");
    private static final RunId B = new RunId("pretraining-b");
    private static final RunId C = new RunId("pretraining-c");

    private TestingStore store;
    private Runs runs;
    private TestingSweeps sweeps;

    @BeforeEach
    void createRuns(TestingStore store) {
        this.store = store;
        runs = new Runs(store.database());
        sweeps = new TestingSweeps(store);
        List.of(A, B, C)
                .forEach(id -> runs.createRun(new NewRun(
                        id,
                        new Run.Identity("tests", id.value(), RunKind.PRETRAIN, "{}", "hash of " + id, 0),
                        Map.of(),
                        Map.of())));
    }

    @Test
    void aTrialIsGivenOutWhenItsPretrainingIsFinished() {
        String id = sweeps.submit(SPEC, List.of(A, A, B));

        TrialLeases.Leased first = sweeps.assign(id, SPEC, "a", 3);
        assertThat(first).isEqualTo(new TrialLeases.Leased(List.of(), 3, false, List.of(A, B)));

        runs.startRun(A);
        runs.startRun(B);
        runs.finishRun(B, RunStatus.FINISHED, null, null);
        SweepResults results = new SweepResults(store.database());
        assertThat(results.listPretrainings(id)).containsExactly(new SweepResults.Pretraining(A, 0, null));
        TrialLeases.Leased second = sweeps.assign(id, SPEC, "b", 3);
        assertThat(keys(second)).containsExactly(key(2));
        assertThat(second.waiting()).isEqualTo(2);
        assertThat(second.pretrainings()).containsExactly(A);

        runs.finishRun(A, RunStatus.FINISHED, null, null);
        assertThat(sweeps.assign(id, SPEC, "c", 2)).satisfies(third -> {
            assertThat(keys(third)).containsExactly(key(0), key(1));
            assertThat(third.pretrainings()).isEmpty();
        });
    }

    @Test
    void onlyAsManyPretrainingsStartAsThereIsRoomAndThoseThatRunTakeRoom() {
        String id = sweeps.submit(SPEC, List.of(A, A, B, C));
        assertThat(sweeps.assign(id, SPEC, "a", 2).pretrainings()).containsExactly(A, B);

        runs.startRun(C); // for another sweep
        assertThat(sweeps.assign(id, SPEC, "b", 2).pretrainings()).containsExactly(C, A);
        runs.startRun(A);
        assertThat(sweeps.assign(id, SPEC, "c", 2).pretrainings()).containsExactly(A, C);
        runs.finishRun(A, RunStatus.FINISHED, null, null);
        assertThat(sweeps.assign(id, SPEC, "d", 3)).satisfies(given -> {
            assertThat(keys(given)).containsExactly(key(0), key(1));
            assertThat(given.pretrainings()).containsExactly(C);
        });
    }

    @Test
    void noPretrainingStartsWhoseTrialsAreBeyondTheBudget() {
        SweepSpec two = spec("probe", NO_STOPPING, SweepSpec.OnFailure.KEEP_GOING, new BudgetSpec(2L, null, null));
        String id = sweeps.submit(two, List.of(A, A, B));

        assertThat(sweeps.assign(id, two, "a", 3).pretrainings()).containsExactly(A);
    }

    @Test
    void aKilledPretrainingStartsAgain() {
        String id = sweeps.submit(SPEC, List.of(A));
        runs.startRun(A);
        runs.finishRun(A, RunStatus.KILLED, null, null);

        assertThat(sweeps.assign(id, SPEC, "a", 1).pretrainings()).containsExactly(A);
    }

    @Test
    void trialsFailWithTheirPretrainingAndAreTriedAgainTogether() {
        String id = sweeps.submit(SPEC, List.of(A, A, B));
        runs.startRun(A);
        runs.finishRun(A, RunStatus.FAILED, "TRAINING_DIVERGED", "loss is NaN at step 7");

        TrialLeases.Leased given = sweeps.assign(id, SPEC, "a", 3);
        assertThat(given).isEqualTo(new TrialLeases.Leased(List.of(), 1, false, List.of(B)));
        assertThat(new SweepResults(store.database()).list(id).subList(0, 2)).allSatisfy(row -> {
            assertThat(row.state()).isEqualTo(TrialState.FAILED);
            assertThat(row.outcome().errorCode()).isEqualTo("TRAINING_DIVERGED");
            assertThat(row.outcome().errorMessage())
                    .isEqualTo("its pre-training pretraining-a FAILED with TRAINING_DIVERGED; see 'perdura runs show"
                            + " pretraining-a', then 'perdura sweep resume " + id + " --retry-failed'");
        });
        runs.startRun(B);
        runs.finishRun(B, RunStatus.FAILED, "OUT_OF_MEMORY", "too large");
        assertThat(sweeps.assign(id, SPEC, "b", 3)).isEqualTo(new TrialLeases.Leased(List.of(), 0, true, List.of()));

        SweepControl control = new SweepControl(store.database());
        assertThat(control.endIfDone(id)).isEqualTo(SweepStatus.FINISHED);
        runs.rescheduleRun(A);
        runs.rescheduleRun(A);
        control.reopen(id);
        control.retryFailed(id);
        assertThat(sweeps.assign(id, SPEC, "c", 3)).isEqualTo(new TrialLeases.Leased(List.of(), 2, false, List.of(A)));
        runs.startRun(A);
        runs.finishRun(A, RunStatus.FINISHED, null, null);
        assertThat(keys(sweeps.assign(id, SPEC, "d", 3))).containsExactly(key(0), key(1));
        assertThat(sweeps.trials().begin(id, key(0))).isPresent();
    }

    @Test
    void anotherSweepSharesThePretraining() {
        sweeps.submit(SPEC, List.of(A));
        SweepSpec other = spec("other");
        String second = sweeps.submit(other, List.of(A, B));

        runs.startRun(A);
        runs.finishRun(A, RunStatus.FINISHED, null, null);
        assertThat(sweeps.assign(second, other, "a", 2)).satisfies(given -> {
            assertThat(keys(given)).containsExactly(key(0));
            assertThat(given.pretrainings()).containsExactly(B);
        });
    }

    @Test
    void aPretrainingIsASweepsOwnAsLongAsNoOtherSweepWaitsForIt() {
        String first = sweeps.submit(SPEC, List.of(A, A, B, C));
        SweepSpec other = spec("other");
        String second = sweeps.submit(other, List.of(A, B));
        runs.startRun(A);
        runs.startRun(C);
        SweepControl control = new SweepControl(store.database());

        assertThat(control.listOwnPretrainings(first)).containsExactly(C);
        control.end(second, null);
        assertThat(control.listOwnPretrainings(first)).containsExactly(A, B, C);
        runs.finishRun(A, RunStatus.FINISHED, null, null);
        assertThat(control.listOwnPretrainings(first)).containsExactly(B, C);
    }

    @Test
    void aFullDiskOfAPretrainingThatTrialsNeedIsToldUntilItCommits() {
        String id = sweeps.submit(SPEC, List.of(A, B));
        runs.startRun(A);
        runs.startRun(C); // for another sweep
        long fence = store.claim(A).fence();
        SweepResults results = new SweepResults(store.database());
        Events events = new Events(store.database());
        events.record(A, "FORKED", "from elsewhere");
        events.record(C, "DISK_FULL", "another disk is full");
        assertThat(results.findFullDisk(id)).isEmpty();

        events.record(A, "DISK_FULL", "the disk is full");
        events.record(A, "DISK_FULL", "the disk is still full");
        assertThat(results.findFullDisk(id)).hasValue("the disk is still full");

        new Commits(store.database()).publish(TestingStore.commit(A, fence, 1, List.of()));
        assertThat(results.findFullDisk(id)).isEmpty();
        events.record(A, "DISK_FULL", "again");
        assertThat(results.findFullDisk(id)).hasValue("again");
        runs.finishRun(A, RunStatus.KILLED, null, null);
        assertThat(results.findFullDisk(id)).isEmpty();
    }

    @Test
    void finishedRunsAreListedWithWhatDecidedThem() {
        runs.recordPlan(A, "d".repeat(64), 10);
        runs.startRun(A);
        runs.startRun(B);
        runs.finishRun(A, RunStatus.FINISHED, null, null);
        runs.finishRun(B, RunStatus.FINISHED, null, null);

        assertThat(runs.listFinished(RunKind.PRETRAIN))
                .containsExactly(new Runs.Finished(A, "{}", "d".repeat(64), 0, 0));
        assertThat(runs.listFinished(RunKind.TRIAL)).isEmpty();
        assertThat(runs.findStatuses(List.of(B, C, new RunId("pretraining-d"))))
                .isEqualTo(Map.of(B, RunStatus.FINISHED, C, RunStatus.SCHEDULED));
    }
}
