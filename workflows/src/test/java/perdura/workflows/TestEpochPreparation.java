package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.workflows.WorkflowHarness.RUN;

import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import perdura.grids.spec.RunStatus;
import perdura.workflows.PretrainWorkflow.Phase;

/** Runs whose epochs are prepared: what is scheduled, what is repeated, and what signals do to it. */
@Timeout(120)
class TestEpochPreparation {
    private final WorkflowHarness harness = new WorkflowHarness();
    private final FakeActivities fake = harness.fake;

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void shardsAndTheirCombinationComeBeforeEachEpoch() {
        fake.shards = 2;
        fake.totalSteps = 200;

        PretrainWorkflow.Result result = run();

        assertThat(result).isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.FINISHED, 200, "digest-200"));
        assertThat(fake.calls)
                .containsSubsequence(
                        "prepare",
                        "plan epoch at 0",
                        "combine 2",
                        "train until 100 on gpu",
                        "plan epoch at 100",
                        "combine 2",
                        "train until 200 on slot-1",
                        "finish FINISHED  ")
                .containsOnlyOnce("train until 100 on gpu");
        assertThat(fake.computed)
                .containsExactlyInAnyOrder(
                        "0-digest-0/0",
                        "0-digest-0/1",
                        "0-digest-0/combined",
                        "100-digest-100/0",
                        "100-digest-100/1",
                        "100-digest-100/combined");
        assertThat(fake.prepareTimes)
                .hasSize(2)
                .allMatch(time -> time.seconds() > 0 && time.seconds() >= time.combineSeconds());
    }

    @Test
    void aRunThatIsTakenUpWithinAnEpochTrainsToItsEndFirst() {
        fake.shards = 1;
        fake.step.set(130);
        fake.totalSteps = 300;

        run();

        assertThat(fake.calls)
                .containsSubsequence(
                        "prepare", "train until 200 on gpu", "plan epoch at 200", "train until 300 on slot-1")
                .doesNotContain("plan epoch at 0", "plan epoch at 100");
    }

    @Test
    void aShardThatDiesIsRepeatedAndTheOthersAreKept() {
        fake.shards = 5;
        fake.totalSteps = 100;
        Set<Integer> died = ConcurrentHashMap.newKeySet();
        fake.shardScript = shard -> {
            if (shard == 3 && died.add(shard)) {
                throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
            }
        };

        run();

        assertThat(fake.computed).hasSize(6).doesNotHaveDuplicates();
        assertThat(fake.calls.stream().filter("shards 3 to 4"::equals)).hasSize(2);
        assertThat(fake.calls.stream().filter("shards 2 to 3"::equals)).hasSize(1);
    }

    @Test
    void aCombinationThatDiesIsRepeated() {
        fake.shards = 2;
        fake.totalSteps = 100;
        fake.combineScript.add(() -> {
            throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
        });

        run();

        assertThat(fake.calls.stream().filter("combine 2"::equals)).hasSize(2);
        assertThat(fake.computed).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void whatIsThereIsNotPreparedAgain() {
        fake.shards = 2;
        fake.totalSteps = 100;
        fake.computed.add("0-digest-0/combined");

        run();

        assertThat(fake.calls)
                .containsExactly("open", "prepare", "plan epoch at 0", "train until 100 on gpu", "finish FINISHED  ");
        assertThat(fake.prepareTimes).isEmpty();
    }

    @Test
    void aLostStateIsTrainedAgainBeforeItsEpochIsPrepared() {
        fake.shards = 1;
        fake.totalSteps = 200;
        fake.found.add(true);
        fake.found.add(false);
        fake.script.add(whole -> whole); // the first epoch
        fake.script.add(whole -> new TrainActivities.SegmentResult(
                whole.runId(), 0, "", whole.slotQueue(), false)); // the trainer finds the run at step 0

        PretrainWorkflow.Result result = run();

        assertThat(result.step()).isEqualTo(200);
        assertThat(fake.calls)
                .containsSubsequence(
                        "plan epoch at 100",
                        "train until 200 on slot-1",
                        "plan epoch at 0",
                        "train until 100 on slot-1",
                        "plan epoch at 100",
                        "combine 1",
                        "train until 200 on slot-1");
    }

    @Test
    void pauseEndsThePreparationAndResumeGoesOnWhereItWas() throws InterruptedException {
        fake.shards = 3;
        fake.totalSteps = 100;
        AtomicInteger second = new AtomicInteger();
        fake.shardScript = shard -> {
            if (shard == 1 && second.getAndIncrement() == 0) {
                fake.waitForCancellation();
            }
        };
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();
        awaitDone(workflow, 2);
        assertThat(workflow.progress()).isEqualTo(new PretrainWorkflow.Progress(Phase.PREPARING_EPOCH, 0, 100, 2, 3));

        workflow.pause();
        assertThat(fake.pausing.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(workflow.progress()).isEqualTo(new PretrainWorkflow.Progress(Phase.PAUSED, 0, 100));
        workflow.resume();

        assertThat(harness.result(workflow).status()).isEqualTo(RunStatus.FINISHED);
        assertThat(fake.computed).hasSize(4).doesNotHaveDuplicates();
        assertThat(fake.prepareTimes).hasSize(1);
    }

    @Test
    void stopEndsThePreparationAndKillsTheRun() throws InterruptedException {
        fake.shards = 2;
        fake.shardScript = shard -> fake.waitForCancellation();
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        workflow.stop();

        assertThat(harness.result(workflow))
                .isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.KILLED, 0, "digest-0"));
        assertThat(fake.calls).endsWith("finish KILLED  ").noneMatch(call -> call.startsWith("train"));
    }

    @Test
    void cancellingTheWorkflowEndsThePreparation() throws InterruptedException {
        fake.shards = 2;
        fake.shardScript = shard -> fake.waitForCancellation();
        harness.start();
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();

        WorkflowStub.fromTyped(workflow).cancel();

        assertThatThrownBy(() -> harness.result(workflow)).hasCauseInstanceOf(CanceledFailure.class);
        assertThat(fake.calls).endsWith("finish KILLED  ");
    }

    @Test
    void aShardThatCannotHealFailsTheRun() {
        fake.shards = 6;
        fake.shardScript = shard -> {
            if (shard == 3) {
                throw ApplicationFailure.newNonRetryableFailure("a.jpg: truncated", "INVALID_DATA");
            }
            fake.waitForCancellation();
        };
        PretrainWorkflow workflow = harness.start().workflow();

        assertThatThrownBy(() -> workflow.run(new PretrainWorkflow.Input(RUN, false)))
                .hasRootCauseInstanceOf(ApplicationFailure.class);

        assertThat(fake.calls)
                .endsWith("finish FAILED INVALID_DATA a.jpg: truncated")
                .doesNotContain("combine 6");
    }

    @Test
    void aThousandShardsLeaveASmallHistory() {
        fake.shards = 1_000;
        fake.totalSteps = 200;

        run();

        assertThat(fake.computed).hasSize(2_002).doesNotHaveDuplicates();
        assertThat(fake.calls.stream().filter(call -> call.startsWith("shards")))
                .hasSize(2 * 63);
        assertThat(harness.history().getEvents().size()).isLessThan(1_000);
    }

    @Test
    void continuesAsNewBeforeItsHistoryGrowsLong() {
        fake.shards = 64;
        fake.totalSteps = 2_000;

        PretrainWorkflow.Result result = run();

        assertThat(result.step()).isEqualTo(2_000);
        assertThat(fake.calls.stream().filter("open"::equals).count()).isBetween(2L, 4L);
        assertThat(fake.calls.stream().filter("prepare"::equals)).hasSize(1);
        assertThat(harness.history().getEvents().size()).isLessThan(4_096);
        assertThat(fake.computed)
                .containsAll(IntStream.range(0, 20)
                        .mapToObj(epoch -> epoch * 100 + "-digest-" + epoch * 100 + "/combined")
                        .toList())
                .doesNotHaveDuplicates();
    }

    private PretrainWorkflow.Result run() {
        return harness.start(FakeActivities.SLOT).workflow().run(new PretrainWorkflow.Input(RUN, false));
    }

    private static void awaitDone(PretrainWorkflow workflow, int shards) throws InterruptedException {
        while (workflow.progress().shardsDone() < shards) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
