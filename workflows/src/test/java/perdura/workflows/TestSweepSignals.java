package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import perdura.grids.spec.SweepStatus;
import perdura.workflows.SweepActivities.OpenedSweep;

/** What a sweep does when somebody interferes. */
@Timeout(120)
class TestSweepSignals {
    private final SweepHarness harness = new SweepHarness();
    private final FakeSweep book = harness.book;
    private final AtomicBoolean training = new AtomicBoolean(true);

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void pauseBringsEveryTrialBackAndResumeGoesOn() throws InterruptedException {
        book.add(0, 60, "PENDING");
        book.script = book::trainOn;
        SweepWorkflow sweep = start(30, 4);
        book.await(() -> book.runs.size() == 4 && book.count("ASSIGNED") == 30);

        sweep.pause();
        book.await(() -> book.count("PENDING") == 60 && book.calls.contains("mark PAUSED"));
        assertThat(book.runs).hasSize(4); // the others had no slot and came back at once
        assertThat(sweep.progress().phase()).isEqualTo(SweepWorkflow.Phase.PAUSED);

        book.script = trial -> "FINISHED";
        sweep.resume();
        SweepWorkflow.Result result = harness.result(sweep);
        assertThat(result.status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(result.tally().finished()).isEqualTo(60);
        assertThat(result.tally().released()).isEqualTo(30);
        assertThat(book.calls).containsSubsequence("mark PAUSED", "mark RUNNING", "end FINISHED ");
    }

    @Test
    void stopLetsEndWhatRunsAndStartsNothing() throws InterruptedException {
        book.add(0, 60, "PENDING");
        book.script = trial -> book.trainWhile(training::get);
        SweepWorkflow sweep = start(30, 30);
        book.await(() -> book.runs.size() == 30);

        sweep.stop();
        book.await(() -> book.calls.contains("mark STOPPING"));
        training.set(false);

        SweepWorkflow.Result result = harness.result(sweep);
        assertThat(result.status()).isEqualTo(SweepStatus.STOPPED);
        assertThat(result.tally().finished()).isEqualTo(30);
        assertThat(book.count("PENDING")).isEqualTo(30);
        assertThat(book.calls).endsWith("end STOPPED ");
    }

    @Test
    void cancelBringsEveryTrialBackAndEnds() throws InterruptedException {
        book.add(0, 60, "PENDING");
        book.script = book::trainOn;
        SweepWorkflow sweep = start(30, 4);
        book.await(() -> book.runs.size() == 4 && book.count("ASSIGNED") == 30);

        sweep.cancel();

        assertThat(harness.result(sweep).status()).isEqualTo(SweepStatus.CANCELLED);
        assertThat(book.count("PENDING")).isEqualTo(60);
        assertThat(book.calls).contains("mark CANCELLING").endsWith("end CANCELLED ");
    }

    @Test
    void cancellingTheWorkflowIsTheSame() throws InterruptedException {
        book.add(0, 60, "PENDING");
        book.script = book::trainOn;
        SweepWorkflow sweep = start(30, 4);
        book.await(() -> book.runs.size() == 4 && book.count("ASSIGNED") == 30);

        WorkflowStub.fromTyped(sweep).cancel();

        assertThatThrownBy(() -> harness.result(sweep)).hasCauseInstanceOf(CanceledFailure.class);
        assertThat(book.count("PENDING")).isEqualTo(60);
        assertThat(book.calls).contains("mark CANCELLING").endsWith("end CANCELLED ");
    }

    @Test
    void aPausedSweepCanBeStopped() throws InterruptedException {
        book.add(0, 5, "PENDING");
        book.settings = book.settings.with(SweepStatus.PAUSED);
        SweepWorkflow sweep = harness.start(1).startSweep();
        book.await(() -> book.calls.contains("open"));

        sweep.stop();

        assertThat(harness.result(sweep).status()).isEqualTo(SweepStatus.STOPPED);
        assertThat(book.runs).isEmpty();
    }

    @Test
    void moreTrialsAtOnceStartAtOnceAndFewerAsOthersEnd() throws InterruptedException {
        book.add(0, 400, "PENDING");
        book.script = trial -> book.trainWhile(training::get);
        SweepWorkflow sweep = start(4, 60);
        book.await(() -> book.runs.size() == 4);

        change(sweep, 60);
        book.await(() -> book.runs.size() == 60);
        assertThat(book.takeMostAssigned()).isEqualTo(60);

        change(sweep, 3);
        awaitOrders(1, 2);
        awaitOrders(2, 1);
        awaitOrders(3, 1);
        AtomicBoolean later = new AtomicBoolean(true);
        book.script = trial -> book.trainWhile(later::get);
        training.set(false);
        book.await(() -> book.count("FINISHED") == 60 && book.count("ASSIGNED") == 3 && book.runs.size() == 63);
        book.takeMostAssigned();
        later.set(false);

        SweepWorkflow.Result result = harness.result(sweep);
        assertThat(book.takeMostAssigned()).isEqualTo(3);
        assertThat(result.tally().finished()).isEqualTo(400);
    }

    @Test
    void trialsThatAreAddedWhileItRunsAreRun() throws InterruptedException {
        book.add(0, 4, "PENDING");
        book.script = trial -> book.trainWhile(training::get);
        SweepWorkflow sweep = start(50, 50);
        book.await(() -> book.runs.size() == 4);

        book.add(4, 60, "PENDING");
        sweep.changed();
        book.await(() -> book.runs.size() == 50);
        training.set(false);

        assertThat(harness.result(sweep).tally().finished()).isEqualTo(64);
        assertThat(book.takeMostAssigned()).isEqualTo(50);
    }

    @Test
    void trialsThatAreAddedAtItsVeryEndAreRun() {
        book.add(0, 4, "PENDING");
        book.script = trial -> "FINISHED";
        harness.start(4);
        book.endScript.add(() -> book.add(4, 3, "PENDING"));

        SweepWorkflow.Result result = harness.runSweep();

        assertThat(result.status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(result.tally().finished()).isEqualTo(7);
    }

    @Test
    void aSpentWallTimeIsAStop() throws InterruptedException {
        book.add(0, 60, "PENDING");
        book.script = trial -> book.trainWhile(() -> book.settings.status() == SweepStatus.RUNNING);
        book.settings = new OpenedSweep(SweepStatus.RUNNING, 4, 3, 1000, 0, 0L);
        SweepWorkflow sweep = harness.start(4).startSweep();

        SweepWorkflow.Result result = harness.result(sweep);

        assertThat(result.status()).isEqualTo(SweepStatus.STOPPED);
        assertThat(book.calls)
                .contains("mark STOPPING the wall time of its budget is spent")
                .endsWith("end STOPPED ");
        assertThat(book.count("PENDING")).isGreaterThanOrEqualTo(56);
    }

    @Test
    void anotherExecutionGoesOnWhereTheHistoryIsLost() throws InterruptedException {
        book.add(0, 60, "PENDING");
        book.script = trial -> book.trainWhile(training::get);
        start(10, 10);
        book.await(() -> book.runs.size() == 10);

        harness.terminate();
        book.script = trial -> "FINISHED";
        training.set(false); // nobody calls the trials of the old execution back
        SweepWorkflow.Result result = harness.runSweep();

        assertThat(result.status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(book.count("FINISHED")).isEqualTo(60);
    }

    @Test
    void continuesAsNewBeforeItsHistoryGrowsLong() throws InterruptedException {
        book.add(0, 30, "PENDING");
        book.script = trial -> book.trainWhile(training::get);
        SweepWorkflow sweep = start(3, 3);
        book.await(() -> book.runs.size() == 3);
        for (int signal = 1; signal < 450; signal++) {
            sweep.changed();
            int opened = signal + 1;
            book.await(() -> book.calls.size() >= opened);
        }
        training.set(false);

        SweepWorkflow.Result result = harness.result(sweep);

        assertThat(result.tally().finished()).isEqualTo(30);
        assertThat(result.tally().shards()).isEqualTo(2);
        assertThat(harness.history().getEvents().size()).isLessThan(50);
    }

    private SweepWorkflow start(int concurrency, int slots) {
        book.settings = new OpenedSweep(SweepStatus.RUNNING, concurrency, 3, 1000, 0, null);
        return harness.start(slots).startSweep();
    }

    private void awaitOrders(int shard, int orders) {
        while (harness.shardEvents(shard).stream()
                        .filter(event -> event.hasWorkflowExecutionSignaledEventAttributes())
                        .count()
                < orders) {
            Thread.onSpinWait();
        }
    }

    private void change(SweepWorkflow sweep, int concurrency) {
        book.settings = new OpenedSweep(SweepStatus.RUNNING, concurrency, 3, 1000, 0, null);
        sweep.changed();
    }
}
