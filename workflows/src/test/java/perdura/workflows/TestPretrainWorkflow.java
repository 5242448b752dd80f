package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static perdura.workflows.WorkflowHarness.RUN;

import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import perdura.grids.spec.RunStatus;
import perdura.workflows.PretrainWorkflow.Phase;

@Timeout(60)
class TestPretrainWorkflow {
    private final WorkflowHarness harness = new WorkflowHarness();
    private final FakeActivities fake = harness.fake;

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void trainsSegmentAfterSegmentOnTheSlotThatHoldsTheModel() {
        PretrainWorkflow.Result result =
                harness.start(FakeActivities.SLOT).workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result).isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.FINISHED, 500, "digest-500"));
        assertThat(fake.calls)
                .containsExactly(
                        "open",
                        "prepare",
                        "train until 200 on gpu",
                        "train until 400 on slot-1",
                        "train until 500 on slot-1",
                        "finish FINISHED  ");
    }

    @Test
    void fallsBackToAnySlotWhenTheSlotIsGone() {
        PretrainWorkflow.Result result = harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result.step()).isEqualTo(500);
        assertThat(fake.calls).contains("train until 400 on gpu", "train until 500 on gpu");
    }

    @Test
    void fallsBackToAnySlotWhenTheSlotDies() {
        fake.script.add(whole -> whole);
        fake.script.add(whole -> {
            throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
        });

        PretrainWorkflow.Result result =
                harness.start(FakeActivities.SLOT).workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result.step()).isEqualTo(500);
        assertThat(fake.calls)
                .containsSubsequence(
                        "train until 400 on slot-1", "train until 400 on gpu", "train until 500 on slot-1");
    }

    @Test
    void retriesAnAttemptThatMayHeal() {
        for (int i = 0; i < 12; i++) {
            fake.script.add(whole -> {
                throw ApplicationFailure.newFailure("connection lost", "STORE_UNAVAILABLE");
            });
        }

        PretrainWorkflow.Result result = harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    }

    @Test
    void takesARunUpAtItsLastCommit() {
        fake.step.set(300);

        harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(fake.calls).contains("train until 500 on gpu").doesNotContain("train until 200 on gpu");
    }

    @Test
    void pauseEndsTheSegmentAndResumeGoesOn() throws InterruptedException {
        fake.script.add(fake::waitForCancellation);
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        workflow.pause();
        assertThat(fake.pausing.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(workflow.progress()).isEqualTo(new PretrainWorkflow.Progress(Phase.PAUSED, 10, 500));
        workflow.resume();

        assertThat(harness.result(workflow))
                .isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.FINISHED, 500, "digest-500"));
        assertThat(fake.calls).containsSubsequence("paused true", "paused false", "finish FINISHED  ");
    }

    @Test
    void stopEndsTheSegmentAndKillsTheRun() throws InterruptedException {
        fake.script.add(fake::waitForCancellation);
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        workflow.stop();

        assertThat(harness.result(workflow))
                .isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.KILLED, 10, "digest-10"));
        assertThat(fake.calls).endsWith("finish KILLED  ");
    }

    @Test
    void stopEndsAPausedRun() {
        harness.start();
        PretrainWorkflow workflow = harness.startRun(true);

        workflow.stop();

        assertThat(harness.result(workflow).status()).isEqualTo(RunStatus.KILLED);
        assertThat(fake.calls).noneMatch(call -> call.startsWith("train"));
    }

    @Test
    void cancellingTheWorkflowCommitsAndKillsTheRun() throws InterruptedException {
        fake.script.add(fake::waitForCancellation);
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        WorkflowStub.fromTyped(workflow).cancel();

        assertThatThrownBy(() -> harness.result(workflow)).hasCauseInstanceOf(CanceledFailure.class);
        assertThat(fake.step).hasValue(10);
        assertThat(fake.calls).endsWith("finish KILLED  ");
    }

    @Test
    void anErrorThatCannotHealFailsTheRunWithItsCode() {
        fake.script.add(whole -> {
            throw ApplicationFailure.newNonRetryableFailure("loss is NaN at step 7", "TRAINING_DIVERGED");
        });
        PretrainWorkflow workflow = harness.start().workflow();

        WorkflowFailedException failure = catchThrowableOfType(
                WorkflowFailedException.class, () -> workflow.run(new PretrainWorkflow.Input(RUN, false)));

        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        ApplicationFailure.class,
                        cause -> assertThat(cause.getType()).isEqualTo("TRAINING_DIVERGED"));
        assertThat(fake.calls).endsWith("finish FAILED TRAINING_DIVERGED loss is NaN at step 7");
    }

    @Test
    void leavesAFinishedRunAlone() {
        fake.status = RunStatus.FINISHED;
        fake.step.set(500);

        PretrainWorkflow.Result result = harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result).isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.FINISHED, 500, "digest-500"));
        assertThat(fake.calls).containsExactly("open");
    }

    @Test
    void theDagComesBeforeTheData() {
        fake.dag = "ingest";

        PretrainWorkflow.Result result = harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(fake.calls).startsWith("open", "dag", "prepare", "train until 200 on gpu");
    }

    @Test
    void aRunThatHasBegunNeedsNoDag() {
        fake.dag = "ingest";
        fake.step.set(300);

        harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(fake.calls).startsWith("open", "prepare");
    }

    @Test
    void aFailedDagFailsTheRun() {
        fake.dag = "ingest";
        fake.dagScript.add(() -> {
            throw ApplicationFailure.newNonRetryableFailure("task load failed", "PREPARATION_FAILED");
        });
        PretrainWorkflow workflow = harness.start().workflow();

        assertThatThrownBy(() -> workflow.run(new PretrainWorkflow.Input(RUN, false)))
                .hasRootCauseInstanceOf(ApplicationFailure.class);

        assertThat(fake.calls).containsExactly("open", "dag", "finish FAILED PREPARATION_FAILED task load failed");
    }

    @Test
    void anAirflowThatIsAwayIsWaitedFor() {
        fake.dag = "ingest";
        for (int i = 0; i < 12; i++) {
            fake.dagScript.add(() -> {
                throw ApplicationFailure.newFailure("connection refused", "SERVICE_UNAVAILABLE");
            });
        }

        PretrainWorkflow.Result result = harness.start().workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(fake.calls.stream().filter("dag"::equals)).hasSize(13);
    }

    @Test
    void pauseEndsTheWaitForTheDagAndResumeTakesItUp() throws InterruptedException {
        fake.dag = "ingest";
        fake.dagScript.add(fake::waitForCancellation);
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(workflow.progress().phase()).isEqualTo(Phase.AWAITING_DAG);

        workflow.pause();
        assertThat(fake.pausing.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(workflow.progress().phase()).isEqualTo(Phase.PAUSED);
        workflow.resume();

        assertThat(harness.result(workflow).status()).isEqualTo(RunStatus.FINISHED);
        assertThat(fake.calls)
                .containsSubsequence("dag", "paused true", "paused false", "dag", "prepare", "finish FINISHED  ");
    }

    @Test
    void stopEndsTheWaitForTheDag() throws InterruptedException {
        fake.dag = "ingest";
        fake.dagScript.add(fake::waitForCancellation);
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        workflow.stop();

        assertThat(harness.result(workflow))
                .isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.KILLED, 0, "digest-0"));
        assertThat(fake.calls).containsExactly("open", "dag", "finish KILLED  ");
    }

    @Test
    void cancellingTheWorkflowEndsTheWaitForTheDag() throws InterruptedException {
        fake.dag = "ingest";
        fake.dagScript.add(fake::waitForCancellation);
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        WorkflowStub.fromTyped(workflow).cancel();

        assertThatThrownBy(() -> harness.result(workflow)).hasCauseInstanceOf(CanceledFailure.class);
        assertThat(fake.calls).containsExactly("open", "dag", "finish KILLED  ");
    }

    @Test
    void continuesAsNewBeforeItsHistoryGrowsLong() {
        fake.totalSteps = 200L * (PretrainWorkflowImpl.SEGMENTS_PER_EXECUTION + 2);

        PretrainWorkflow.Result result =
                harness.start(FakeActivities.SLOT).workflow().run(new PretrainWorkflow.Input(RUN, false));

        assertThat(result.step()).isEqualTo(fake.totalSteps);
        assertThat(fake.calls.stream().filter("open"::equals)).hasSize(2);
        assertThat(fake.calls.stream().filter("prepare"::equals)).hasSize(1);
        assertThat(harness.history().getEvents().size()).isLessThan(100);
    }
}
