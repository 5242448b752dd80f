package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import perdura.grids.spec.SweepStatus;
import perdura.workflows.SweepActivities.OpenedSweep;

/** Records new histories of sweeps and shards for {@link TestRecordedHistories} into the folder that the property names. */
@EnabledIfSystemProperty(named = "perdura.histories.dir", matches = ".+")
class ITRecordSweepHistories {
    private final SweepHarness harness = new SweepHarness();
    private final FakeSweep book = harness.book;

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void recordASweepWithAHeldAndAFailedTrial() throws IOException {
        book.add(0, 12, "PENDING");
        book.settings = new OpenedSweep(SweepStatus.RUNNING, 4, 3, 1000, 0, 3600L);
        book.rung = 2;
        book.script = trial -> {
            if (trial.trialKey().equals(FakeSweep.key(3))) {
                throw ApplicationFailure.newNonRetryableFailure("loss is NaN at step 7", "TRAINING_DIVERGED");
            }
            return trial.untilEpoch() == null ? "FINISHED" : "HELD";
        };
        book.assignScript.add(() -> {
            throw ApplicationFailure.newFailure("connection lost", "STORE_UNAVAILABLE");
        });
        assertThat(harness.start(4).runSweep().tally().finished()).isEqualTo(11);
        write("sweep-finished", harness.history());
        write("sweep-shard-finished", harness.shardHistory(1));
    }

    @Test
    void recordASweepThatIsPausedResumedChangedAndCancelled() throws IOException, InterruptedException {
        book.add(0, 40, "PENDING");
        book.add(40, 1, "FOREIGN");
        book.script = book::trainOn;
        book.settings = new OpenedSweep(SweepStatus.RUNNING, 4, 3, 1000, 0, null);
        SweepWorkflow sweep = harness.start(3).startSweep();
        book.await(() -> book.runs.size() == 3 && book.count("ASSIGNED") == 4);
        sweep.pause();
        book.await(() -> book.count("PENDING") == 40 && book.calls.contains("mark PAUSED"));
        sweep.resume();
        book.await(() -> book.calls.contains("mark RUNNING") && book.count("ASSIGNED") == 4);
        book.settings = new OpenedSweep(SweepStatus.RUNNING, 27, 2, 1000, 0, null);
        sweep.changed();
        book.await(() -> book.count("ASSIGNED") == 27);
        sweep.cancel();
        assertThat(harness.result(sweep).status()).isEqualTo(SweepStatus.CANCELLED);
        write("sweep-steered", harness.history());
        write("sweep-shard-steered", harness.shardHistory(2));
    }

    private static void write(String name, WorkflowExecutionHistory history) throws IOException {
        Path folder = Path.of(System.getProperty("perdura.histories.dir"));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name + ".json"), history.toJson(true));
    }
}
