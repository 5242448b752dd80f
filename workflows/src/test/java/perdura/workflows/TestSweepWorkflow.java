package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.workflows.SweepHarness.SWEEP;

import io.temporal.client.WorkflowFailedException;
import io.temporal.common.Priority;
import io.temporal.failure.ApplicationFailure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import perdura.grids.spec.SweepStatus;
import perdura.workflows.SweepActivities.OpenedSweep;

/** What a sweep does with its trials when nobody interferes. */
@Timeout(120)
class TestSweepWorkflow {
    private final SweepHarness harness = new SweepHarness();
    private final FakeSweep book = harness.book;

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void runsEveryTrialOnceAndNeverMoreAtOnceThanAllowed() {
        book.add(0, 130, "PENDING");
        concurrency(30);

        SweepWorkflow.Result result = harness.start(50).runSweep();

        assertThat(result)
                .isEqualTo(new SweepWorkflow.Result(
                        SWEEP, SweepStatus.FINISHED, new SweepWorkflow.Tally(2, 130, 130, 0, 0, 0)));
        assertThat(book.runs)
                .hasSize(130)
                .allSatisfy((key, runs) -> assertThat(runs).isEqualTo(1));
        assertThat(book.takeMostAssigned()).isLessThanOrEqualTo(30);
        assertThat(book.calls).containsExactly("open", "end FINISHED ");
    }

    @Test
    void aSmallSweepHasOneShard() {
        book.add(0, 3, "PENDING");

        assertThat(harness.start(4).runSweep().tally().shards()).isEqualTo(1);
    }

    @Test
    void aSweepThatHasNothingToDoEnds() {
        book.add(0, 3, "FINISHED");

        assertThat(harness.start(4).runSweep().status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(book.runs).isEmpty();
    }

    @Test
    void anEndedSweepIsLeftAlone() {
        book.settings = book.settings.with(SweepStatus.STOPPED);

        assertThat(harness.start(1).runSweep().status()).isEqualTo(SweepStatus.STOPPED);
        assertThat(book.calls).containsExactly("open");
    }

    @Test
    void aFailedTrialIsAResult() {
        book.add(0, 20, "PENDING");
        book.script = trial -> {
            if (trial.trialKey().equals(FakeSweep.key(7))) {
                throw ApplicationFailure.newNonRetryableFailure("loss is NaN at step 7", "TRAINING_DIVERGED");
            }
            return "FINISHED";
        };

        SweepWorkflow.Result result = harness.start(4).runSweep();

        assertThat(result.status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(result.tally().failed()).isEqualTo(1);
        assertThat(result.tally().finished()).isEqualTo(19);
        assertThat(book.calls).contains("fail TRAINING_DIVERGED loss is NaN at step 7");
    }

    @Test
    void aTrialThatAnotherAttemptHasIsNoFailure() {
        book.add(0, 5, "PENDING");
        book.script = trial -> {
            if (book.runs.getOrDefault(trial.trialKey(), 0) < 2) {
                throw ApplicationFailure.newNonRetryableFailure("attempt 2 has the run", "FENCED");
            }
            return "FINISHED";
        };

        assertThat(harness.start(4).runSweep().tally()).isEqualTo(new SweepWorkflow.Tally(1, 10, 5, 0, 5, 0));
    }

    @Test
    void aTrialWhoseWorkerDiesIsTriedAgain() {
        book.add(0, 5, "PENDING");
        book.script = trial -> {
            if (book.runs.getOrDefault(trial.trialKey(), 0) < 12) {
                throw ApplicationFailure.newFailure("exit code 137", "WORKER_DIED");
            }
            return "FINISHED";
        };

        assertThat(harness.start(4).runSweep().tally().finished()).isEqualTo(5);
    }

    @Test
    void aTrialThatComesBackByItselfIsGivenOutAgain() {
        book.add(0, 5, "PENDING");
        book.script = trial -> book.runs.getOrDefault(trial.trialKey(), 0) < 2 ? "RELEASED" : "FINISHED";

        SweepWorkflow.Tally tally = harness.start(4).runSweep().tally();

        assertThat(tally.finished()).isEqualTo(5);
        assertThat(tally.released()).isEqualTo(5);
    }

    @Test
    void trialsOfAnotherSweepAreWaitedFor() {
        book.add(0, 3, "PENDING");
        book.add(3, 2, "FOREIGN");
        concurrency(2);
        for (int question = 0; question < 10; question++) {
            book.assignScript.add(() -> {});
        }
        book.assignScript.add(() -> book.set(3, "FINISHED")); // the other sweep has ended it
        book.assignScript.add(() -> book.set(4, "PENDING")); // the other sweep has given it up

        SweepWorkflow.Result result = harness.start(2).runSweep();

        assertThat(result.status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(book.runs).containsOnlyKeys(FakeSweep.key(0), FakeSweep.key(1), FakeSweep.key(2), FakeSweep.key(4));
    }

    @Test
    void aTrialThatIsHeldGoesOnWhenOthersHaveEnded() {
        book.add(0, 40, "PENDING");
        book.rung = 3;
        book.script = trial -> trial.untilEpoch() == null ? "FINISHED" : "HELD";
        concurrency(26);

        SweepWorkflow.Result result = harness.start(26).runSweep();

        assertThat(result.status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(result.tally().held()).isEqualTo(40);
        assertThat(result.tally().finished()).isEqualTo(40);
    }

    @Test
    void anAnswerOfTheStoreThatGetsLostIsAskedForAgain() {
        book.add(0, 60, "PENDING");
        for (int question = 0; question < 4; question++) {
            book.assignScript.add(() -> {
                throw ApplicationFailure.newFailure("connection lost", "STORE_UNAVAILABLE");
            });
        }

        assertThat(harness.start(8).runSweep().tally().finished()).isEqualTo(60);
        assertThat(book.runs)
                .hasSize(60)
                .allSatisfy((key, runs) -> assertThat(runs).isEqualTo(1));
    }

    @Test
    void aStoreThatRefusesFailsTheSweepWithItsReason() {
        book.add(0, 60, "PENDING");
        book.assignScript.add(() -> {});
        book.assignScript.add(() -> {
            throw ApplicationFailure.newNonRetryableFailure("column rung is missing", "INTERNAL");
        });

        assertThatThrownBy(() -> harness.start(8).runSweep())
                .isInstanceOf(WorkflowFailedException.class)
                .hasRootCauseInstanceOf(ApplicationFailure.class);
        assertThat(book.calls).endsWith("end FAILED column rung is missing");
        assertThat(book.count("ASSIGNED")).isZero();
    }

    @Test
    void aSweepThatIsNotThereFails() {
        book.openScript.add(() -> {
            throw ApplicationFailure.newNonRetryableFailure("sweep probe-1 is not in the store", "NOT_FOUND");
        });

        assertThatThrownBy(() -> harness.start(8).runSweep())
                .isInstanceOf(WorkflowFailedException.class)
                .hasRootCauseInstanceOf(ApplicationFailure.class);
        assertThat(book.calls).containsExactly("open", "end FAILED sweep probe-1 is not in the store");
    }

    @Test
    void trialsHaveTheSweepsPriorityAndItsShareOfTheSlots() {
        book.add(0, 1, "PENDING");
        book.settings = new OpenedSweep(SweepStatus.RUNNING, 1, 2, 1000, 0, null);

        harness.start(1).runSweep();

        assertThat(harness.shardEvents(1).stream()
                        .filter(event -> event.hasActivityTaskScheduledEventAttributes())
                        .map(event -> event.getActivityTaskScheduledEventAttributes())
                        .map(scheduled -> Priority.newBuilder()
                                .setPriorityKey(scheduled.getPriority().getPriorityKey())
                                .setFairnessKey(scheduled.getPriority().getFairnessKey())
                                .setFairnessWeight(scheduled.getPriority().getFairnessWeight())
                                .build()))
                .containsExactly(SweepActivityStubs.priority(2, SWEEP));
    }

    @Test
    void shardsOfALargeSweepFollowEachOtherAndNoHistoryIsLong() {
        book.add(0, 1200, "PENDING");
        concurrency(26);

        SweepWorkflow.Result result = harness.start(26).runSweep();

        assertThat(result.tally().finished()).isEqualTo(1200);
        assertThat(result.tally().shards()).isBetween(3, 6);
        assertThat(book.takeMostAssigned()).isLessThanOrEqualTo(26);
        for (int shard = 1; shard <= result.tally().shards(); shard++) {
            assertThat(harness.shardEvents(shard).size()).isLessThan(4096);
        }
        assertThat(harness.history().getEvents().size()).isLessThan(100);
    }

    private void concurrency(int trials) {
        book.settings = new OpenedSweep(SweepStatus.RUNNING, trials, 3, 1000, 0, null);
    }
}
