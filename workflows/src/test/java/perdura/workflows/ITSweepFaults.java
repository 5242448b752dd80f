package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.SweepStatus;
import perdura.workflows.SweepActivities.OpenedSweep;

/**
 * Slots die and drain while a sweep is steered, in orders that a seed draws. No trial fails of it, and none is lost. The service is a
 * real one, which {@code tools/integration} starts: that of the tests loses an attempt that fails after it was called back.
 */
class ITSweepFaults {
    private static final int TRIALS = 24;
    private static final int SLOTS = 4;

    private final CountDownLatch never = new CountDownLatch(1);
    private final SweepHarness harness = new SweepHarness();
    private final FakeSweep book = harness.book;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverDiesWhileItIsSteeredEveryTrialIsFinishedInTheEnd(long seed) throws InterruptedException {
        assumeTrue(harness.isReal(), "tools/integration starts a Temporal server for this test");
        SplittableRandom random = new SplittableRandom(seed);
        book.add(0, TRIALS, "PENDING");
        book.settings = settings(SweepStatus.RUNNING, 6);
        book.script =
                trial -> run(new SplittableRandom(31 * seed + Objects.requireNonNull(book.runs.get(trial.trialKey()))));
        int trials = TRIALS;
        try (harness) {
            SweepWorkflow sweep = harness.start(SLOTS).startSweep();
            for (int turn = 0; turn < 6; turn++) {
                awaitTrials(1 + random.nextInt(4));
                switch (random.nextInt(5)) {
                    case 0 -> {
                        sweep.pause();
                        book.await(() -> book.calls.contains("mark PAUSED") && book.count("ASSIGNED") == 0);
                        book.calls.remove("mark PAUSED");
                        sweep.resume();
                    }
                    case 1 -> {
                        sweep.pause();
                        sweep.resume(); // before all have come back
                    }
                    case 2 -> {
                        sweep.cancel();
                        assertThat(harness.result(sweep).status()).isIn(SweepStatus.CANCELLED, SweepStatus.FINISHED);
                        sweep = startAgain();
                    }
                    case 3 -> {
                        book.add(trials, 3, "PENDING");
                        trials += 3;
                        sweep.changed();
                    }
                    default -> {
                        sweep.stop();
                        assertThat(harness.result(sweep).status()).isIn(SweepStatus.STOPPED, SweepStatus.FINISHED);
                        sweep = startAgain();
                    }
                }
            }
            assertThat(harness.result(sweep).status()).isEqualTo(SweepStatus.FINISHED);
        }

        assertThat(book.calls).noneMatch(call -> call.startsWith("fail "));
        assertThat(book.count("FINISHED")).isEqualTo(trials);
    }

    private static OpenedSweep settings(SweepStatus status, int concurrency) {
        return new OpenedSweep(status, concurrency, 3, 100, 0, null);
    }

    private SweepWorkflow startAgain() {
        book.reopen();
        return harness.startSweep();
    }

    /** Waits until so many further attempts have begun, or nothing is left to begin. */
    private void awaitTrials(int more) throws InterruptedException {
        int before = begun();
        book.await(() -> begun() >= before + more || book.count("PENDING") + book.count("ASSIGNED") == 0);
    }

    private int begun() {
        return book.runs.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** An attempt: it ends, its process dies or drains, or it is called back and then, sometimes, dies before it can say so. */
    private String run(SplittableRandom random) {
        ActivityExecutionContext context = Activity.getExecutionContext();
        int beats = random.nextInt(6);
        boolean dies = random.nextInt(3) == 0;
        boolean diesWhenCalledBack = random.nextBoolean();
        try {
            for (int beat = 0; beat < beats; beat++) {
                context.heartbeat(beat);
                if (never.await(60, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("nobody counts down");
                }
            }
        } catch (ActivityCompletionException e) {
            if (diesWhenCalledBack) {
                throw death(random);
            }
            return "RELEASED";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw death(random);
        }
        if (dies) {
            throw death(random);
        }
        return "FINISHED";
    }

    private static ApplicationFailure death(SplittableRandom random) {
        return ApplicationFailure.newFailure("on demand", random.nextBoolean() ? "WORKER_DIED" : "PREEMPTED");
    }
}
