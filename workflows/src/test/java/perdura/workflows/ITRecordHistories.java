package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static perdura.workflows.WorkflowHarness.RUN;

import io.temporal.client.WorkflowFailedException;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Records new histories for {@link TestRecordedHistories} into the folder that the property names. */
@EnabledIfSystemProperty(named = "perdura.histories.dir", matches = ".+")
class ITRecordHistories {
    private final WorkflowHarness harness = new WorkflowHarness();
    private final FakeActivities fake = harness.fake;

    @BeforeEach
    void start() {
        harness.start(FakeActivities.SLOT);
    }

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void recordAFinishedRun() throws IOException {
        harness.workflow().run(new PretrainWorkflow.Input(RUN, false));
        write("finished");
    }

    @Test
    void recordADiedSlot() throws IOException {
        fake.script.add(whole -> whole);
        fake.script.add(whole -> {
            throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
        });
        harness.workflow().run(new PretrainWorkflow.Input(RUN, false));
        write("slot-died");
    }

    @Test
    void recordAPausedAndStoppedRun() throws IOException, InterruptedException {
        fake.script.add(fake::waitForCancellation);
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();
        workflow.pause();
        assertThat(fake.pausing.await(30, TimeUnit.SECONDS)).isTrue();
        workflow.stop();
        harness.result(workflow);
        write("paused-and-stopped");
    }

    @Test
    void recordAFailedRun() throws IOException {
        fake.script.add(whole -> {
            throw ApplicationFailure.newNonRetryableFailure("loss is NaN at step 7", "TRAINING_DIVERGED");
        });
        try {
            harness.workflow().run(new PretrainWorkflow.Input(RUN, false));
        } catch (WorkflowFailedException e) {
            write("failed");
        }
    }

    @Test
    void recordARunThatPausedWhileItsDagRan() throws IOException, InterruptedException {
        fake.dag = "ingest";
        fake.dagScript.add(fake::waitForCancellation);
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();
        workflow.pause();
        assertThat(fake.pausing.await(30, TimeUnit.SECONDS)).isTrue();
        workflow.resume();
        harness.result(workflow);
        write("paused-before-dag");
    }

    @Test
    void recordAFailedDag() throws IOException {
        fake.dag = "ingest";
        fake.dagScript.add(() -> {
            throw ApplicationFailure.newNonRetryableFailure("task load failed", "PREPARATION_FAILED");
        });
        try {
            harness.workflow().run(new PretrainWorkflow.Input(RUN, false));
        } catch (WorkflowFailedException e) {
            write("dag-failed");
        }
    }

    @Test
    void recordARunWhoseEpochsArePrepared() throws IOException, InterruptedException {
        fake.shards = 3;
        fake.totalSteps = 200;
        AtomicInteger died = new AtomicInteger();
        fake.shardScript = shard -> {
            if (shard == 1 && died.getAndIncrement() == 0) {
                throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
            }
            if (shard == 2 && died.getAndIncrement() < 2) {
                fake.waitForCancellation();
            }
        };
        PretrainWorkflow workflow = harness.startRun(false);
        assertThat(fake.waiting.await(30, TimeUnit.SECONDS)).isTrue();
        workflow.pause();
        assertThat(fake.pausing.await(30, TimeUnit.SECONDS)).isTrue();
        workflow.resume();
        harness.result(workflow);
        write("epochs-prepared");
    }

    private void write(String name) throws IOException {
        Path folder = Path.of(System.getProperty("perdura.histories.dir"));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name + ".json"), harness.history().toJson(true));
    }
}
