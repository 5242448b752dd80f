package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueRequest;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueResponse;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.worker.TokenFolder.RunningActivity;
import perdura.activities.worker.TokenFolder.ServingProcess;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunStatus;
import perdura.workflows.ActivityTimeouts;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.PretrainWorkflowImpl;
import perdura.workflows.TaskQueues;
import perdura.workflows.TrainActivities;
import perdura.workflows.TrainActivities.SegmentResult;

/** Deaths and errors of workers, against the embedded service in real time. */
@Timeout(60)
class TestRecovery {
    private static final String RUN = "tiny-1";

    @TempDir
    Path workDir;

    private EmbeddedTemporal server;
    private TemporalConnection connection;
    private TokenFolder tokens;
    private final OneSegmentActivities run = new OneSegmentActivities();

    @BeforeEach
    void connect() throws IOException {
        server = new EmbeddedTemporal();
        tokens = new TokenFolder(workDir, DurableEffects.counting());
        connection = TemporalConnection.open(server.config(), Duration.ofSeconds(20), new TokenKeeper(tokens, "test"));
    }

    @AfterEach
    void disconnect() {
        connection.close();
        server.close();
    }

    @Test
    void aReportedDeathIsRetriedLongBeforeItsHeartbeatIsMissed() throws Exception {
        WorkerFactory factory = startWorkflows();
        PretrainWorkflow workflow = startRun();
        Process dying = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingSlot.class.getName(),
                        server.config().address(),
                        workDir.toString())
                .inheritIO()
                .start();
        assertThat(dying.waitFor(30, TimeUnit.SECONDS)).isTrue();
        long died = System.nanoTime();
        assertThat(tokens.list()).extracting(RunningActivity::worker).containsExactly("dying");

        DeathReporter deaths = new DeathReporter(tokens, connection.client().newActivityCompletionClient());
        assertThat(deaths.reportDead(process -> true, "exit code 137"))
                .extracting(RunningActivity::workflowId)
                .containsExactly(PretrainWorkflow.workflowId(RUN));
        serveGpu(input -> new SegmentResult(input.runId(), 10, "d10", "slot", false));

        assertThat(result(workflow)).isEqualTo(new PretrainWorkflow.Result(RUN, RunStatus.FINISHED, 10, "d10"));
        assertThat(Duration.ofNanos(System.nanoTime() - died)).isLessThan(Duration.ofSeconds(10));
        assertThat(tokens.list()).isEmpty();
        factory.shutdownNow();
    }

    /** The service has given it out, but the process was killed before it wrote the token, or even before the answer came. */
    @Test
    void anActivityThatADeadProcessNeverHadIsGivenOutAgain() throws Exception {
        WorkerFactory factory = startWorkflows();
        Process killed = new ProcessBuilder("sleep", "100").start();
        tokens.addProcess(new ServingProcess("killed", ProcessIdentity.of(killed.toHandle())));
        tokens.addProcess(new ServingProcess("alive", ProcessIdentity.own()));
        LostTasks lost = new LostTasks(tokens, connection.client());
        PretrainWorkflow workflow = startRun();
        assertThat(poll("killed").getActivityType().getName()).isEqualTo("TrainSegment");
        long taken = System.nanoTime();
        lost.report();
        killed.destroyForcibly().waitFor();

        lost.report();
        assertThat(poll("alive").getAttempt()).isEqualTo(2);
        lost.report(); // leaves what a living process has

        DescribeWorkflowExecutionResponse described = connection
                .client()
                .getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(server.config().namespace())
                        .setExecution(WorkflowStub.fromTyped(workflow).getExecution())
                        .build());
        assertThat(described.getPendingActivitiesList())
                .extracting(PendingActivityInfo::getLastWorkerIdentity, PendingActivityInfo::getAttempt)
                .containsExactly(tuple("alive", 2));
        assertThat(Duration.ofNanos(System.nanoTime() - taken)).isLessThan(Duration.ofSeconds(20));
        for (int look = 0; look < 10; look++) {
            lost.report();
        }
        assertThat(tokens.listProcesses())
                .extracting(ServingProcess::identity)
                .contains("alive")
                .doesNotContain("killed");
        factory.shutdownNow();
    }

    /** Takes an activity without a word to anybody. */
    private PollActivityTaskQueueResponse poll(String identity) {
        return connection
                .client()
                .getWorkflowServiceStubs()
                .blockingStub()
                .pollActivityTaskQueue(PollActivityTaskQueueRequest.newBuilder()
                        .setNamespace(server.config().namespace())
                        .setTaskQueue(TaskQueue.newBuilder().setName(TaskQueues.GPU))
                        .setIdentity(identity)
                        .build());
    }

    @Test
    void theTokenOfALivingProcessIsLeftAlone() {
        tokens.add(new RunningActivity("dG9rZW4=", "pretrain-x", "TrainSegment", ProcessIdentity.own(), "me"));
        DeathReporter deaths = new DeathReporter(tokens, connection.client().newActivityCompletionClient());

        assertThat(deaths.reportDead(process -> true, "exit code 1")).isEmpty();
        assertThat(tokens.list()).hasSize(1);
    }

    @Test
    void aWorkflowSurvivesItsWorker() throws InterruptedException {
        WorkerFactory first = startWorkflows();
        PretrainWorkflow workflow = startRun();
        await().until(() -> workflow.progress().phase() == PretrainWorkflow.Phase.TRAINING);
        first.shutdownNow();
        first.awaitTermination(20, TimeUnit.SECONDS);

        WorkerFactory second = startWorkflows();
        serveGpu(input -> new SegmentResult(input.runId(), 10, "d10", "slot", false));

        assertThat(result(workflow).status()).isEqualTo(RunStatus.FINISHED);
        second.shutdownNow();
    }

    @Test
    void anErrorThatCannotHealIsNotRetried() {
        WorkerFactory factory = startWorkflows();
        AtomicInteger attempts = new AtomicInteger();
        serveGpu(input -> {
            attempts.incrementAndGet();
            throw new PerduraException(ErrorCode.TRAINING_DIVERGED, "train/loss is NaN at step 3");
        });

        PretrainWorkflow workflow = startRun();
        WorkflowStub.fromTyped(workflow)
                .getResultAsync(PretrainWorkflow.Result.class)
                .handle((done, failure) -> done)
                .join();

        assertThat(attempts).hasValue(1);
        assertThat(run.end().errorCode()).isEqualTo("TRAINING_DIVERGED");
        assertThat(run.end().message()).isEqualTo("train/loss is NaN at step 3");
        factory.shutdownNow();
    }

    @Test
    void aBugFailsTheRunAsInternal() {
        WorkerFactory factory = startWorkflows();
        serveGpu(input -> {
            throw new IllegalStateException("no such state");
        });

        PretrainWorkflow workflow = startRun();
        WorkflowStub.fromTyped(workflow)
                .getResultAsync(PretrainWorkflow.Result.class)
                .handle((done, failure) -> done)
                .join();

        assertThat(run.end().errorCode()).isEqualTo("INTERNAL");
        factory.shutdownNow();
    }

    private WorkerFactory startWorkflows() {
        WorkerFactory factory = newFactory();
        Worker worker = factory.newWorker(TaskQueues.WORKFLOWS);
        worker.registerWorkflowImplementationFactory(
                PretrainWorkflow.class, () -> new PretrainWorkflowImpl(ActivityTimeouts.STANDARD));
        factory.newWorker(TaskQueues.IO).registerActivitiesImplementations(run);
        factory.newWorker(TaskQueues.CPU).registerActivitiesImplementations(run);
        factory.start();
        return factory;
    }

    private void serveGpu(TrainActivities activities) {
        WorkerFactory factory = newFactory();
        factory.newWorker(TaskQueues.GPU).registerActivitiesImplementations(activities);
        factory.start();
    }

    private WorkerFactory newFactory() {
        return WorkerFactory.newInstance(
                connection.client(),
                WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslation())
                        .build());
    }

    private PretrainWorkflow startRun() {
        PretrainWorkflow workflow = connection
                .client()
                .newWorkflowStub(
                        PretrainWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(PretrainWorkflow.workflowId(RUN))
                                .setTaskQueue(TaskQueues.WORKFLOWS)
                                .build());
        WorkflowClient.start(workflow::run, new PretrainWorkflow.Input(RUN, false));
        return workflow;
    }

    private static PretrainWorkflow.Result result(PretrainWorkflow workflow) {
        return WorkflowStub.fromTyped(workflow).getResult(PretrainWorkflow.Result.class);
    }
}
