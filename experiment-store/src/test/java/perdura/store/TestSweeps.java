package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.store.TestingSweeps.NO_BUDGET;
import static perdura.store.TestingSweeps.NO_STOPPING;
import static perdura.store.TestingSweeps.key;
import static perdura.store.TestingSweeps.keys;
import static perdura.store.TestingSweeps.spec;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.LeaseState;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialState;
import perdura.store.SweepResults.TrialRow;
import perdura.store.Sweeps.NewSweep;

@ExtendWith(TestingPostgres.class)
class TestSweeps {
    private static final SweepSpec SPEC = spec("probe");

    @Test
    void trialsAreGivenOutInTheirOrderEachOnce(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 5);

        assertThat(id).isEqualTo("probe-1");
        assertThat(keys(sweeps.assign(id, SPEC, "shard 1", 2))).containsExactly(key(0), key(1));
        assertThat(keys(sweeps.assign(id, SPEC, "shard 2", 2))).containsExactly(key(2), key(3));
        TrialLeases.Leased last = sweeps.assign(id, SPEC, "shard 3", 2);
        assertThat(keys(last)).containsExactly(key(4));
        assertThat(last.closed()).isFalse();
        assertThat(sweeps.assign(id, SPEC, "shard 4", 2).closed()).isTrue();
    }

    @Test
    void theSameQuestionGetsTheSameAnswer(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 5);

        TrialLeases.Leased first = sweeps.assign(id, SPEC, "shard 1 question 1", 2);

        assertThat(sweeps.assign(id, SPEC, "shard 1 question 1", 2)).isEqualTo(first);
    }

    @Test
    void anotherExecutionGetsWhatALostOneHad(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 3);
        sweeps.assign(id, SPEC, "shard 1", 2);
        sweeps.finish(id, 0, 0.7);

        TrialLeases.Leased again =
                new TrialLeases(store.database()).lease(id, SPEC, List.of(), "execution-2", "shard 1", 5);

        assertThat(keys(again)).containsExactly(key(1), key(2));
    }

    @Test
    void aTrialRunsForOneSweepAndIsSharedByAll(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String first = sweeps.submit(SPEC, 0, 2);
        String second = sweeps.submit(SPEC, 1, 3);
        sweeps.assign(first, SPEC, "a", 2);

        TrialLeases.Leased others = sweeps.assign(second, SPEC, "b", 2);
        assertThat(keys(others)).containsExactly(key(2));
        assertThat(others.waiting()).isEqualTo(1);
        assertThat(others.closed()).isFalse();
        assertCode(ErrorCode.FENCED, () -> sweeps.trials().begin(second, key(1)), "owner is " + first);

        RunId run = sweeps.finish(first, 1, 0.8);
        TrialLeases.Leased after = sweeps.assign(second, SPEC, "c", 2);
        assertThat(after.trials()).isEmpty();
        assertThat(after.closed()).isTrue();
        TrialRow row = new SweepResults(store.database()).list(second).get(0);
        assertThat(row.runId()).isEqualTo(run.value());
        assertThat(row.state()).isEqualTo(TrialState.FINISHED);
        assertThat(row.progress().shared()).isTrue();
        assertThat(row.results().bestValidation()).isEqualTo(0.8);
    }

    @Test
    void whatASweepGivesBackAnotherTakesUp(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String first = sweeps.submit(SPEC, 0, 1);
        String second = sweeps.submit(SPEC, 0, 1);
        sweeps.assign(first, SPEC, "a", 1);
        RunId run = sweeps.train(first, 0, 2, 0.6);
        sweeps.trials().released(first, key(0));

        assertThat(keys(sweeps.assign(second, SPEC, "b", 1))).containsExactly(key(0));
        assertThat(sweeps.trials().begin(second, key(0))).hasValue(run);
        assertThat(sweeps.assign(first, SPEC, "c", 1).waiting()).isEqualTo(1);
    }

    @Test
    void nothingIsGivenOutWhilePausedOrAfterAStop(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepControl control = new SweepControl(store.database());
        String id = sweeps.submit(SPEC, 0, 3);

        control.move(id, List.of(SweepStatus.RUNNING), SweepStatus.PAUSED);
        assertThat(sweeps.assign(id, SPEC, "a", 1)).isEqualTo(new TrialLeases.Leased(List.of(), 0, false, List.of()));
        control.move(id, List.of(SweepStatus.PAUSED), SweepStatus.RUNNING);
        assertThat(keys(sweeps.assign(id, SPEC, "b", 1))).containsExactly(key(0));
        control.move(id, List.of(SweepStatus.RUNNING), SweepStatus.STOPPING);
        assertThat(sweeps.assign(id, SPEC, "c", 1).closed()).isTrue();
        assertCode(
                ErrorCode.INVALID_SPEC,
                () -> control.move(id, List.of(SweepStatus.PAUSED), SweepStatus.RUNNING),
                "STOPPING",
                "PAUSED");
    }

    /** More trials are given out than there are slots: those that wait must not outlive a stop. */
    @Test
    void ofASweepThatStopsWaitingTrialsComeBackAndRunningOnesGoOn(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 3);
        sweeps.assign(id, SPEC, "a", 3);
        RunId begun = sweeps.train(id, 0, 1, 0.5);
        new SweepControl(store.database()).move(id, List.of(SweepStatus.RUNNING), SweepStatus.STOPPING);

        assertThat(sweeps.trials().begin(id, key(0)))
                .as("another attempt at it")
                .hasValue(begun);
        assertThat(sweeps.trials().begin(id, key(1))).isEmpty();

        assertThat(sweeps.trials().loadState(id, key(1))).isEqualTo(LeaseState.PENDING);
        assertThat(new SweepResults(store.database()).count(id))
                .isEqualTo(Map.of(TrialState.RUNNING, 1L, TrialState.PENDING, 2L));
    }

    @Test
    void endingASweepEndsItsRunsAndFreesItsTrials(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 3);
        sweeps.assign(id, SPEC, "a", 2);
        sweeps.finish(id, 0, 0.9);
        RunId begun = sweeps.train(id, 1, 1, 0.5);

        assertThat(new SweepControl(store.database()).end(id, null)).isEqualTo(SweepStatus.STOPPED);

        Runs runs = new Runs(store.database());
        assertThat(runs.loadRun(begun).status()).isEqualTo(RunStatus.KILLED);
        assertThat(runs.loadRun(new RunId(id)).status()).isEqualTo(RunStatus.KILLED);
        SweepResults results = new SweepResults(store.database());
        assertThat(results.count(id))
                .isEqualTo(Map.of(TrialState.FINISHED, 1L, TrialState.KILLED, 1L, TrialState.PENDING, 1L));
        String other = sweeps.submit(SPEC, 1, 2);
        assertThat(results.count(other)).as("it goes on from its checkpoint").isEqualTo(Map.of(TrialState.PENDING, 1L));
        assertThat(keys(sweeps.assign(other, SPEC, "b", 2))).containsExactly(key(1));
    }

    @Test
    void aSweepIsFinishedWhenNothingIsLeft(TestingStore store) throws SQLException {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 2);
        sweeps.assign(id, SPEC, "a", 2);
        sweeps.finish(id, 0, 0.9);
        sweeps.trials().finished(id, key(0)); // told twice, counted once
        sweeps.trials().failed(id, key(1), "execution-1", "OUT_OF_MEMORY", "too large");

        assertThat(new SweepControl(store.database()).end(id, null)).isEqualTo(SweepStatus.FINISHED);

        StoredSweep sweep = new Sweeps(store.database()).load("probe");
        assertThat(sweep.progress().endedTrials()).isEqualTo(2);
        assertThat(sweep.progress().bestValue()).isEqualTo(0.9);
        assertThat(sweep.progress().bestTrial()).isEqualTo(key(0));
        List<TrialRow> rows = new SweepResults(store.database()).list(id);
        assertThat(rows).extracting(TrialRow::state).containsExactly(TrialState.FINISHED, TrialState.FAILED);
        assertThat(rows.get(0).results().latest())
                .containsExactlyInAnyOrderEntriesOf(Map.of("best/validation/auroc", 0.9, "test/auroc", 0.8));
        assertThat(rows.get(1).outcome().errorMessage()).isEqualTo("too large");
        assertThat(store.list(
                        "SELECT key || ' ' || step || ' ' || value FROM metric WHERE run_id = 'probe-1' ORDER BY 1"))
                .containsExactly(
                        "sweep/best/auroc 1 0.9",
                        "sweep/best/auroc 2 0.9",
                        "sweep/ended_trials 1 1",
                        "sweep/ended_trials 2 2");
        assertThat(store.list("SELECT name FROM run WHERE parent_run_id = 'probe-1' ORDER BY 1"))
                .containsExactly("trial 0", "trial 1");
    }

    @Test
    void aSweepEndsOnlyWhenNothingIsLeftToGiveOut(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepControl control = new SweepControl(store.database());
        String id = sweeps.submit(SPEC, 0, 2);
        sweeps.assign(id, SPEC, "a", 1);
        sweeps.finish(id, 0, 0.9);

        assertThat(control.endIfDone(id)).isEqualTo(SweepStatus.RUNNING);

        control.stop(id, "it is late");
        assertThat(control.endIfDone(id)).isEqualTo(SweepStatus.STOPPED);
        assertThat(new Sweeps(store.database()).load(id).progress().reason()).isEqualTo("it is late");
        control.stop(id, "again");
        assertThat(control.endIfDone(id)).isEqualTo(SweepStatus.STOPPED);
    }

    @Test
    void onlyTheExecutionThatHasATrialCanGiveItBackOrFailIt(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        String id = sweeps.submit(SPEC, 0, 3);
        sweeps.assign(id, SPEC, "a", 2);

        sweeps.trials().givenBack(id, List.of(key(0), key(1), key(2)), "execution-0");
        sweeps.trials().failed(id, key(0), "execution-0", "FENCED", "another attempt has it");
        assertThat(keys(sweeps.assign(id, SPEC, "b", 9))).containsExactly(key(2));

        sweeps.trials().givenBack(id, List.of(key(0), key(1)), "execution-1");
        assertThat(keys(sweeps.assign(id, SPEC, "c", 9))).containsExactly(key(0), key(1));
    }

    @Test
    void aFailedTrialRunsAgainOnlyWhenAsked(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepControl control = new SweepControl(store.database());
        String first = sweeps.submit(SPEC, 0, 1);
        sweeps.assign(first, SPEC, "a", 1);
        sweeps.trials().failed(first, key(0), "execution-1", "TRAINING_DIVERGED", "NaN");
        control.end(first, null);

        String second = sweeps.submit(SPEC, 0, 1);
        assertThat(sweeps.assign(second, SPEC, "b", 1).trials()).isEmpty();
        assertThat(new Sweeps(store.database()).load(second).progress().endedTrials())
                .isEqualTo(1);

        control.reopen(first);
        control.retryFailed(first);
        assertThat(keys(sweeps.assign(first, SPEC, "c", 1))).containsExactly(key(0));
        sweeps.finish(first, 0, 0.6);
        assertThat(control.end(first, null)).isEqualTo(SweepStatus.FINISHED);
        assertThat(new Sweeps(store.database()).load(first).progress().endedTrials())
                .isEqualTo(1);
        assertThat(new SweepResults(store.database()).list(first).get(0).state())
                .isEqualTo(TrialState.FINISHED);
    }

    @Test
    void anEditedSweepTriesAgainWhatFailedUnderAnotherOneWhenAsked(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepControl control = new SweepControl(store.database());
        String first = sweeps.submit(SPEC, 0, 2);
        sweeps.assign(first, SPEC, "a", 2);
        sweeps.finish(first, 0, 0.6);
        sweeps.trials().failed(first, key(1), "execution-1", "TRAINING_DIVERGED", "NaN");
        control.end(first, null);

        String edited = sweeps.submit(SPEC, 0, 3);
        control.retryFailed(edited);

        assertThat(keys(sweeps.assign(edited, SPEC, "b", 3))).containsExactly(key(1), key(2));
    }

    @Test
    void aBudgetOfTrialsLetsThoseFinishThatHaveBegun(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec budgeted = spec("probe", NO_STOPPING, SweepSpec.OnFailure.KEEP_GOING, new BudgetSpec(2L, null, null));
        String id = sweeps.submit(budgeted, 0, 4);

        assertThat(keys(sweeps.assign(id, budgeted, "a", 3))).containsExactly(key(0), key(1));
        sweeps.trials().released(id, key(0));
        assertThat(keys(sweeps.assign(id, budgeted, "b", 3))).containsExactly(key(0));
        assertThat(sweeps.assign(id, budgeted, "c", 3).closed()).isTrue();
        sweeps.finish(id, 0, 0.7);
        sweeps.finish(id, 1, 0.7);
        assertThat(new SweepControl(store.database()).end(id, null)).isEqualTo(SweepStatus.STOPPED);
        assertThat(new Sweeps(store.database()).load(id).progress().reason()).contains("budget of 2 trials");
    }

    @Test
    void wallTimeDeviceTimeAndFailFastClose(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec timed =
                spec("timed", NO_STOPPING, SweepSpec.OnFailure.KEEP_GOING, new BudgetSpec(null, null, Duration.ZERO));
        SweepSpec costly = spec("costly", NO_STOPPING, SweepSpec.OnFailure.KEEP_GOING, new BudgetSpec(null, 0.0, null));
        SweepSpec strict = spec("strict", NO_STOPPING, SweepSpec.OnFailure.FAIL_FAST, NO_BUDGET);

        assertThat(sweeps.assign(sweeps.submit(timed, 0, 2), timed, "a", 1).closed())
                .isTrue();
        assertThat(sweeps.assign(sweeps.submit(costly, 2, 4), costly, "a", 1).closed())
                .isTrue();
        String id = sweeps.submit(strict, 4, 6);
        sweeps.assign(id, strict, "a", 1);
        sweeps.trials().failed(id, key(4), "execution-1", "OUT_OF_MEMORY", "too large");
        assertThat(sweeps.assign(id, strict, "b", 1).closed()).isTrue();
        assertThat(new Sweeps(store.database()).load(id).progress().reason()).contains("fail-fast");
    }

    @Test
    void onlyTheTimeInWhichASweepRunsIsOfItsBudget(TestingStore store) throws SQLException {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec minute = spec(
                "minute",
                NO_STOPPING,
                SweepSpec.OnFailure.KEEP_GOING,
                new BudgetSpec(null, null, Duration.ofMinutes(1)));
        SweepControl control = new SweepControl(store.database());
        String id = sweeps.submit(minute, 0, 3);
        store.execute("UPDATE sweep SET runs_since = runs_since - interval '50 s'");

        control.move(id, List.of(SweepStatus.RUNNING), SweepStatus.PAUSED);
        assertThat(store.list("SELECT ran BETWEEN '50 s' AND '55 s' AND runs_since IS NULL FROM sweep"))
                .containsExactly("t");
        store.execute("UPDATE sweep SET submitted_at = submitted_at - interval '1 hour'");
        assertThat(new Sweeps(store.database()).load(id).progress().ran())
                .isBetween(Duration.ofSeconds(50), Duration.ofSeconds(55));
        control.move(id, List.of(SweepStatus.PAUSED), SweepStatus.RUNNING);
        assertThat(control.findSpent(id, minute)).isEmpty();
        assertThat(sweeps.assign(id, minute, "a", 1).trials()).hasSize(1);

        store.execute("UPDATE sweep SET runs_since = runs_since - interval '10 s'");
        assertThat(control.findSpent(id, minute)).hasValue("the budget of 1m of wall time is spent");
        assertThat(sweeps.assign(id, minute, "b", 1).closed()).isTrue();
    }

    @Test
    void anExtensionAddsOnlyWhatIsNew(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepControl control = new SweepControl(store.database());
        String id = sweeps.submit(SPEC, 0, 2);
        sweeps.assign(id, SPEC, "a", 2);
        sweeps.finish(id, 0, 0.5);
        sweeps.finish(id, 1, 0.5);
        control.end(id, null);

        long added = control.extend(
                id,
                new NewSweep(SPEC, "{}", "more"),
                Map.of(),
                TestingSweeps.trials(1, 4).iterator());

        assertThat(added).isEqualTo(2);
        assertThat(new Sweeps(store.database()).load(id).status()).isEqualTo(SweepStatus.RUNNING);
        assertThat(new Trials(store.database()).listKeys(id))
                .extracting(TrialKey::digest)
                .containsExactly(key(0), key(1), key(2), key(3));
        assertThat(keys(sweeps.assign(id, SPEC, "b", 5))).containsExactly(key(2), key(3));
    }

    @Test
    void halvingPromotesTheBestOfARungAndSaysWhy(TestingStore store) throws SQLException {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec halving =
                spec("halving", new EarlyStoppingSpec.Asha(1, null, 2), SweepSpec.OnFailure.KEEP_GOING, NO_BUDGET);
        String id = sweeps.submit(halving, 0, 3);
        assertThat(sweeps.assign(id, halving, "a", 2).trials())
                .containsExactly(new TrialLeases.Lease(key(0), 1), new TrialLeases.Lease(key(1), 1));
        hold(sweeps, id, 0, 1, 0.6);
        hold(sweeps, id, 1, 1, 0.7);

        TrialLeases.Leased promoted = sweeps.assign(id, halving, "b", 1);
        assertThat(promoted.trials()).containsExactly(new TrialLeases.Lease(key(1), 2));
        assertThat(promoted.closed()).isFalse();
        sweeps.trials().begin(id, key(1));
        assertThat(new SweepResults(store.database()).list(id))
                .extracting(TrialRow::state)
                .containsExactly(TrialState.HELD, TrialState.RUNNING, TrialState.PENDING);
        sweeps.finish(id, 1, 0.75);
        sweeps.assign(id, halving, "c", 1);
        hold(sweeps, id, 2, 1, 0.5);

        assertThat(sweeps.assign(id, halving, "d", 1)).isEqualTo(new TrialLeases.Leased(List.of(), 0, true, List.of()));
        assertThat(new SweepControl(store.database()).end(id, null)).isEqualTo(SweepStatus.FINISHED);
        assertThat(store.list("SELECT number || ' ' || kind || ' ' || left(trial_key, 12) || ' rung ' || rung"
                        + " FROM rung_decision"))
                .containsExactly("1 PROMOTE 000000000001 rung 0");
        assertThat(store.list("SELECT error_message FROM run WHERE status = 'KILLED'"))
                .allMatch(message -> message.contains("early stopping ended it after epoch 1"))
                .hasSize(2);
    }

    @Test
    void theTrialsOfAPointGoOnTogether(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec halving =
                spec("seeds", new EarlyStoppingSpec.Asha(1, 2, 2), SweepSpec.OnFailure.KEEP_GOING, NO_BUDGET);
        String id = new Sweeps(store.database())
                .create(
                        new NewSweep(halving, "{}", "seeds"),
                        TestingSweeps::run,
                        TestingSweeps.trials(0, 4, 2).iterator());
        sweeps.assign(id, halving, "a", 4);
        hold(sweeps, id, 0, 1, 0.9);
        hold(sweeps, id, 2, 1, 0.6);
        hold(sweeps, id, 3, 1, 0.7);
        assertThat(sweeps.assign(id, halving, "b", 4).trials())
                .as("the best one's point is there in part")
                .isEmpty();
        hold(sweeps, id, 1, 1, 0.1); // on average 0.5, against 0.65

        assertThat(keys(sweeps.assign(id, halving, "c", 4))).containsExactly(key(2), key(3));
    }

    @Test
    void whereHalvingLetsNobodyGoOnTheBestOneRunsToItsEnd(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec halving = spec("few", new EarlyStoppingSpec.Asha(1, 3, 3), SweepSpec.OnFailure.KEEP_GOING, NO_BUDGET);
        String id = sweeps.submit(halving, 0, 2);
        sweeps.assign(id, halving, "a", 2);
        hold(sweeps, id, 0, 1, 0.6);
        assertThat(sweeps.assign(id, halving, "b", 2).trials()).isEmpty(); // the other one may be better
        hold(sweeps, id, 1, 1, 0.5);

        assertThat(sweeps.assign(id, halving, "c", 2).trials()).containsExactly(new TrialLeases.Lease(key(0), 3));
        assertThat(sweeps.assign(id, halving, "c", 2).trials()).containsExactly(new TrialLeases.Lease(key(0), 3));
        hold(sweeps, id, 0, 3, 0.7);
        assertThat(sweeps.assign(id, halving, "d", 2).trials()).containsExactly(new TrialLeases.Lease(key(0), null));
        sweeps.finish(id, 0, 0.75);

        assertThat(sweeps.assign(id, halving, "e", 2)).isEqualTo(new TrialLeases.Leased(List.of(), 0, true, List.of()));
        assertThat(new SweepControl(store.database()).end(id, null)).isEqualTo(SweepStatus.FINISHED);
    }

    private static void hold(TestingSweeps sweeps, String id, int trial, int epochs, double auroc) {
        sweeps.train(id, trial, epochs, auroc);
        sweeps.trials().held(id, key(trial), epochs);
    }

    private static void assertCode(ErrorCode code, Runnable action, String... words) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(PerduraException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(List.of(words)).allSatisfy(word -> assertThat(e).hasMessageContaining(word));
        });
    }
}
