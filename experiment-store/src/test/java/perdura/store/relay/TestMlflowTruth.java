package perdura.store.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static perdura.store.TestingStore.RUN;
import static perdura.store.TestingStore.commit;
import static perdura.store.TestingSweeps.key;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.store.Commits;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.SweepControl;
import perdura.store.Sweeps.NewSweep;
import perdura.store.TestingPostgres;
import perdura.store.TestingStore;
import perdura.store.TestingSweeps;

/** What MLflow shows is what is so: statuses, reasons, sweeps, and all of it again after it was lost over there. */
@ExtendWith(TestingPostgres.class)
class TestMlflowTruth {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private TestingMlflow mlflow;

    @BeforeEach
    void start() throws IOException {
        mlflow = new TestingMlflow();
    }

    @AfterEach
    void stop() {
        mlflow.close();
    }

    private MlflowRelay.Report drain(TestingStore store) {
        try (MlflowRelay relay = new MlflowRelay(store.database(), mlflow.config(), DurableEffects.counting())) {
            return relay.drain(PATIENCE);
        }
    }

    private TestingMlflow.Run shown(RunId runId) {
        return mlflow.runs().stream()
                .filter(run -> runId.value().equals(run.tags.get("perdura.run_key")))
                .reduce((one, other) -> {
                    throw new AssertionError(runId + " is there twice");
                })
                .orElseThrow();
    }

    @Test
    void aPausedRunIsNotRunningAndAResumedOneHasNoEnd(TestingStore store) {
        Runs runs = new Runs(store.database());
        store.createRun(RUN);
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("SCHEDULED");
        runs.startRun(RUN);
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("RUNNING");
        runs.markPaused(RUN, true);
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("SCHEDULED");
        runs.markPaused(RUN, false);
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("RUNNING");

        runs.finishRun(RUN, RunStatus.FAILED, "TRAINING_DIVERGED", "the loss is NaN at step 7");
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("FAILED");
        assertThat(shown(RUN).endTime).isPositive();
        assertThat(shown(RUN).tags)
                .containsEntry("perdura.error_code", "TRAINING_DIVERGED")
                .containsEntry("perdura.error_message", "the loss is NaN at step 7");

        runs.startRun(RUN);
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("RUNNING");
        assertThat(shown(RUN).endTime).isZero();
        assertThat(shown(RUN).tags).doesNotContainKeys("perdura.error_code", "perdura.error_message");

        runs.finishRun(RUN, RunStatus.KILLED, null, "it was stopped at step 8");
        drain(store);
        assertThat(shown(RUN).status).isEqualTo("KILLED");
        assertThat(shown(RUN).tags).containsEntry("perdura.error_message", "it was stopped at step 8");
    }

    @Test
    void aMessageThatNamesAFileOfTheDataStaysInTheStore(TestingStore store) {
        store.createRun(RUN);
        new Runs(store.database()).finishRun(RUN, RunStatus.FAILED, "INVALID_DATA", "p10/p10000032.dcm is damaged");
        drain(store);

        assertThat(shown(RUN).tags).containsEntry("perdura.error_code", "INVALID_DATA");
        assertThat(shown(RUN).tags.toString()).doesNotContain("p10000032");
    }

    @Test
    void aStatusThatWasSetAsideDoesNotComeAfterALaterOne(TestingStore store) {
        store.createRun(RUN);
        new Runs(store.database()).startRun(RUN);
        mlflow.failNext("runs/update", TestingMlflow.Fault.BAD_PARAMETER, TestingMlflow.Fault.BAD_PARAMETER);
        new Runs(store.database()).finishRun(RUN, RunStatus.FINISHED, null, null);
        assertThat(drain(store).parked()).isEqualTo(2);

        new Outbox(store.database()).retryParked();

        assertThat(drain(store).parked()).isZero();
        assertThat(shown(RUN).status).isEqualTo("FINISHED");
    }

    @Test
    void aReplacedServerGetsEverythingAgainThoughOneRunOnlyHasNews(TestingStore store) {
        RunId other = new RunId("run-2");
        for (RunId runId : List.of(RUN, other)) {
            store.createRun(runId);
            new Commits(store.database())
                    .publish(commit(runId, store.claim(runId).fence(), 0, 10));
        }
        drain(store);
        mlflow.replace();
        new Runs(store.database()).finishRun(RUN, RunStatus.FINISHED, null, null);

        MlflowRelay.Report report = drain(store);

        assertThat(report.parked()).isZero();
        assertThat(report.pending()).isZero();
        assertThat(mlflow.runs()).hasSize(2);
        assertThat(shown(RUN).points).hasSize(10);
        assertThat(shown(RUN).status).isEqualTo("FINISHED");
        assertThat(shown(other).points).hasSize(10);
        assertThat(shown(other).params).hasSize(2);
    }

    @Test
    void aReplacedServerIsFoundOutWithoutNews(TestingStore store) {
        store.createRun(RUN);
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 0, 10));
        drain(store);
        mlflow.replace();

        drain(store);

        assertThat(shown(RUN).points).hasSize(10);
        assertThat(new Runs(store.database()).loadRun(RUN).mlflow().runId()).isEqualTo("m0-1");
    }

    @Test
    void whatIsSentAgainIsNotDoubled(TestingStore store) {
        store.createRun(RUN);
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 0, 10));
        long rows = drain(store).delivered();

        assertThat(new Outbox(store.database()).resend(List.of(RUN))).isEqualTo((int) rows);
        assertThat(drain(store).delivered()).isEqualTo(rows);

        assertThat(shown(RUN).points).hasSize(10);
        assertThat(new Runs(store.database()).loadRun(RUN).mlflow().runId()).isEqualTo("m0");
    }

    @Test
    void whatWasSetAsideComesBackWhenItsCauseHasGone(TestingStore store) throws SQLException {
        store.createRun(RUN);
        drain(store);
        mlflow.deleteRun("a run");
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 0, 10));
        assertThat(drain(store).parked()).isEqualTo(1);
        mlflow.restoreRun("a run");
        assertThat(drain(store).parked()).as("within the first minute").isEqualTo(1);

        store.execute("UPDATE outbox SET due_at = now()"); // a minute later

        assertThat(drain(store).parked()).isZero();
        assertThat(shown(RUN).points).hasSize(10);
    }

    @Test
    void aLongParameterIsMarkedAsCutAndKeptWhole(TestingStore store) {
        String text = "0123456789".repeat(700);
        new Runs(store.database())
                .createRun(new NewRun(
                        RUN,
                        new Run.Identity("tests", "long", RunKind.PRETRAIN, "{}", "h", 1),
                        Map.of("list of words", text),
                        Map.of("perdura.axes", text + text)));

        assertThat(drain(store).parked()).isZero();

        String path = "parameters/list_of_words.txt";
        assertThat(shown(RUN).params.get("list of words"))
                .startsWith("0123456789")
                .endsWith(" [cut: the whole has 7000 characters and is artifact " + path + "]")
                .hasSize(6_000);
        assertThat(shown(RUN).tags.get("perdura.axes"))
                .endsWith("is artifact tags/perdura.axes.txt]")
                .hasSize(8_000);
        assertThat(mlflow.artifacts().get("1/m0/artifacts/" + path)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aSweepLeadsToTrialsThatAnotherOneHasRunAndNamesTheBest(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepSpec first = TestingSweeps.spec("first");
        SweepSpec second = TestingSweeps.spec("second");
        String one = sweeps.submit(first, 0, 2);
        sweeps.assign(one, first, "a", 2);
        RunId best = sweeps.finish(one, 0, 0.9);
        RunId other = sweeps.finish(one, 1, 0.00001);
        new SweepControl(store.database()).end(one, null);
        drain(store);

        String two = sweeps.submit(second, 0, 3);
        sweeps.assign(two, second, "b", 3);
        RunId own = sweeps.train(two, 2, 1, 0.5);
        drain(store);

        for (RunId runId : List.of(best, other, own)) {
            assertThat(shown(runId).tags).containsKey("perdura.sweep." + two);
        }
        assertThat(shown(best).tags).containsEntry("perdura.sweep." + one, "trial 0");
        assertThat(shown(own).tags).doesNotContainKey("perdura.sweep." + one);
        TestingMlflow.Run shown = shown(new RunId(two));
        String note = shown.tags.get("mlflow.note.content");
        assertThat(shown.tags)
                .containsEntry("perdura.best_run", best.value())
                .containsEntry("perdura.best_value", "0.9");
        for (RunId runId : List.of(best, other, own)) {
            String id = new Runs(store.database()).loadRun(runId).mlflow().runId();
            assertThat(note)
                    .contains("[" + runId + "](" + mlflow.uri() + "/#/experiments/1/runs/" + id
                            + "?workflowType=machine_learning)");
        }
        assertThat(note).contains("2 FINISHED", "1 RUNNING", "| 1e-5 |", one);
    }

    @Test
    void aSweepHasTheStatusThatItHasAndNoEndAfterAnExtension(TestingStore store) {
        TestingSweeps sweeps = new TestingSweeps(store);
        SweepControl control = new SweepControl(store.database());
        SweepSpec spec = TestingSweeps.spec("steered");
        String id = sweeps.submit(spec, 0, 1);
        RunId runId = new RunId(id);
        assertThat(status(store, runId)).isEqualTo("SCHEDULED");
        control.opened(id);
        assertThat(status(store, runId)).isEqualTo("RUNNING");
        sweeps.assign(id, spec, "a", 1);
        RunId trial = sweeps.train(id, 0, 1, 0.5);
        assertThat(status(store, trial)).isEqualTo("RUNNING");
        control.move(id, List.of(SweepStatus.RUNNING), SweepStatus.PAUSED);
        sweeps.trials().released(id, key(0));
        assertThat(status(store, runId)).isEqualTo("SCHEDULED");
        assertThat(status(store, trial)).isEqualTo("SCHEDULED");
        control.move(id, List.of(SweepStatus.PAUSED), SweepStatus.RUNNING);
        assertThat(status(store, runId)).isEqualTo("RUNNING");
        control.move(id, List.of(SweepStatus.RUNNING), SweepStatus.CANCELLING);
        control.end(id, null);
        assertThat(status(store, runId)).isEqualTo("KILLED");
        assertThat(shown(runId).tags).containsEntry("perdura.error_message", "it was cancelled");
        control.reopen(id);
        assertThat(status(store, runId)).isEqualTo("RUNNING");
        assertThat(shown(runId).endTime).isZero();
        sweeps.assign(id, spec, "b", 1);
        sweeps.finish(id, 0, 0.5);
        control.end(id, null);
        assertThat(status(store, runId)).isEqualTo("FINISHED");
        assertThat(shown(runId).endTime).isPositive();

        control.extend(
                id,
                new NewSweep(spec, "{}", "more"),
                Map.of("perdura.seeds", "1, 2"),
                TestingSweeps.trials(0, 2).iterator());

        assertThat(status(store, runId)).isEqualTo("RUNNING");
        assertThat(shown(runId).endTime).isZero();
        assertThat(shown(runId).tags).containsEntry("perdura.seeds", "1, 2").doesNotContainKey("perdura.error_message");
        assertThat(shown(runId).tags.get("mlflow.note.content")).contains("Its 2 trials");
    }

    private String status(TestingStore store, RunId runId) {
        drain(store);
        return shown(runId).status;
    }
}
