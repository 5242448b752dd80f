package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.gpu.RunStore;
import perdura.activities.gpu.Slot;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.TrialSpec;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.store.SweepTrials;
import perdura.testkit.FreshDatabase;
import perdura.training.checkpoint.StateDigest;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.NoOpTask;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskInput;
import perdura.workflows.TrialActivities.Outcome;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** Trials of sweeps, each attempt by a slot that has nothing in memory, on a real store. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestTrials {
    private static final Task NO_OP = new NoOpTask();

    private Path artifacts;
    private FreshDatabase postgres;
    private Database database;
    private RunStore store;
    private TestingSlots slots;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        artifacts = folder;
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        store = RunStore.of(database);
        slots = new TestingSlots(database, artifacts);
    }

    @AfterAll
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void aTrialRunsToItsEnd() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "to-the-end", NO_OP);
        String key = sweep.add(11, Map.of("epochs", 3L, "steps", 2L), Map.of());
        TrialInput input = sweep.start().get(0);

        assertThat(run(input)).isEqualTo(new TrialResult(key, Outcome.FINISHED));

        Run run = store.runs().loadRun(sweep.runId(key));
        assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(run.progress().totalSteps()).isEqualTo(6);
        assertThat(run.progress().stateDigest()).isEqualTo(digest(sweep.trial(key), 6));
        assertThat(points(run.runId(), "validation/score"))
                .extracting(MetricPoint::step)
                .containsExactly(1L, 3L, 5L);
        assertThat(points(run.runId(), "test/score")).hasSize(1);
        assertThat(present(run.runId())).hasSize(1);
        assertThat(sweep.state(key)).isEqualTo("DONE");

        assertThat(run(input)).isEqualTo(new TrialResult(key, Outcome.FINISHED));
        assertThat(outcomes(run.runId())).containsExactly("COMPLETED");
    }

    @Test
    void atARungATrialWaitsAndGoesOnWhenItIsPromoted() {
        TestingSweep sweep = new TestingSweep(database, "rungs", NO_OP, "score", new EarlyStoppingSpec.Asha(2, 4, 2));
        String best = sweep.add(21, Map.of("epochs", 6L, "steps", 2L, "value", 0.7), Map.of());
        String worst = sweep.add(21, Map.of("epochs", 6L, "steps", 2L, "value", 0.1), Map.of());
        for (TrialInput input : sweep.start()) {
            assertThat(input.untilEpoch()).isEqualTo(2);
            assertThat(run(input).outcome()).isEqualTo(Outcome.HELD);
        }
        assertThat(store.runs().loadRun(sweep.runId(best)).progress().position().step())
                .isEqualTo(4);
        assertThat(sweep.state(best)).isEqualTo("HELD");

        List<TrialInput> promoted = sweep.assign();
        assertThat(promoted).containsExactly(new TrialInput(sweep.id(), best, 4));
        TrialInput toTheEnd = new TrialInput(sweep.id(), best, null);
        assertThat(run(toTheEnd).outcome()).isEqualTo(Outcome.FINISHED);
        assertThat(store.runs().loadRun(sweep.runId(best)).progress().stateDigest())
                .isEqualTo(digest(sweep.trial(best), 12));
        assertThat(points(sweep.runId(best), "train/loss")).hasSize(12);
        assertThat(sweep.state(worst)).isEqualTo("HELD");
    }

    @Test
    void preemptedAfterAnyStepATrialEndsTheSame() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "preempted", NO_OP);
        for (long seed = 0; seed < 6; seed++) {
            sweep.add(100 + seed, Map.of("epochs", 3L, "steps", 2L), Map.of());
        }
        int stopAt = 0;
        for (TrialInput input : sweep.start()) {
            int own = stopAt++;
            Slot slot = newSlot();
            ApplicationFailure failure = failure(() -> run(input, slot, step -> {
                if (step == own) {
                    slot.drain();
                }
            }));
            if (own < 5) {
                assertThat(failure.getType()).isEqualTo("PREEMPTED");
                assertThat(failure.isNonRetryable()).isFalse();
                assertThat(run(input).outcome()).isEqualTo(Outcome.FINISHED);
            }
            assertEndedAs(sweep, input);
        }
    }

    @Test
    void failedAtAnyStepATrialBeginsAgainAndEndsTheSame() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "failed", NO_OP);
        for (long seed = 0; seed < 6; seed++) {
            sweep.add(200 + seed, Map.of("epochs", 3L, "steps", 2L), Map.of());
        }
        int failAt = 0;
        for (TrialInput input : sweep.start()) {
            int own = failAt++;
            ApplicationFailure failure = failure(() -> run(input, newSlot(), failingAt(own)));
            assertThat(failure.getType()).isEqualTo("STORE_UNAVAILABLE");
            assertThat(failure.isNonRetryable()).isFalse();
            assertThat(run(input).outcome()).isEqualTo(Outcome.FINISHED);
            assertEndedAs(sweep, input);
            assertThat(outcomes(sweep.runId(input.trialKey()))).containsExactly("STORE_UNAVAILABLE", "COMPLETED");
        }
    }

    private void assertEndedAs(TestingSweep sweep, TrialInput input) {
        Run run = store.runs().loadRun(sweep.runId(input.trialKey()));
        assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(run.progress().stateDigest()).isEqualTo(digest(sweep.trial(input.trialKey()), 6));
        assertThat(points(run.runId(), "train/loss")).hasSize(6);
        assertThat(points(run.runId(), "test/score")).hasSize(1);
        assertThat(sweep.state(input.trialKey())).isEqualTo("DONE");
    }

    private static LongConsumer failingAt(long wanted) {
        return step -> {
            if (step == wanted) {
                throw new PerduraException(ErrorCode.STORE_UNAVAILABLE, "the test takes the store away");
            }
        };
    }

    @Test
    void whatCanHealIsTriedAsOftenAsTheSpecSays() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "spent", NO_OP);
        String key = sweep.add(31, Map.of(), Map.of());
        TrialInput input = sweep.start().get(0);
        assertThat(failure(() -> run(input, newSlot(), failingAt(0))).isNonRetryable())
                .isFalse();

        ApplicationFailure last = failure(() -> run(input, newSlot(), failingAt(0)));

        assertThat(last.getType()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(last.isNonRetryable()).isTrue();
        ApplicationFailure again = failure(() -> run(input));
        assertThat(again.isNonRetryable()).isTrue();
        assertThat(again.getOriginalMessage())
                .isEqualTo("2 attempts failed, the last one on test: the test takes the store away");
        assertThat(outcomes(sweep.runId(key))).hasSize(2);
    }

    @Test
    void anAttemptThatFellSilentCounts() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "silent", NO_OP);
        String key = sweep.add(41, Map.of(), Map.of());
        TrialInput input = sweep.start().get(0);
        new SweepTrials(database).begin(sweep.id(), key);
        store.attempts().claim(sweep.runId(key), "dead", "somewhere");
        store.attempts().claim(sweep.runId(key), "dead too", "somewhere");
        store.attempts().claim(sweep.runId(key), "and dead", "somewhere");

        ApplicationFailure failure = failure(() -> run(input));

        assertThat(failure.getType()).isEqualTo("WORKER_DIED");
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(failure.getOriginalMessage())
                .isEqualTo("2 attempts failed, the last one on and dead: it fell silent");
    }

    @Test
    void plantedFaultsAreNotTriedAgain() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "faults", NO_OP);
        sweep.add(51, Map.of("fault", "nan"), Map.of());
        sweep.add(51, Map.of("fault", "oom"), Map.of());
        List<TrialInput> inputs = sweep.start();
        for (int i = 0; i < 2; i++) {
            TrialInput input = inputs.get(i);
            ApplicationFailure failure = failure(() -> run(input));
            String type = i == 0 ? "TRAINING_DIVERGED" : "OUT_OF_MEMORY";
            assertThat(failure.getType()).isEqualTo(type);
            assertThat(failure.isNonRetryable()).isTrue();
            RunId runId = sweep.runId(input.trialKey());
            assertThat(outcomes(runId)).containsExactly(type);
            assertThat(sweep.state(input.trialKey())).isEqualTo("ASSIGNED");
            long failed = Objects.requireNonNull(
                            store.runs().loadRun(runId).progress().totalSteps())
                    / 2;
            assertThat(points(runId, "train/loss"))
                    .extracting(MetricPoint::step)
                    .isEqualTo(LongStream.range(0, failed).boxed().toList());
        }
    }

    @Test
    void memoryThatIsFullOutsideOfTheHeapIsNamed() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "direct", NO_OP);
        String key = sweep.add(61, Map.of(), Map.of());
        TrialInput input = sweep.start().get(0);
        ApplicationFailure failure = failure(() -> run(input, newSlot(), step -> {
            throw new OutOfMemoryError("Cannot reserve 4096 bytes of direct buffer memory");
        }));
        assertThat(failure.getType()).isEqualTo("OUT_OF_MEMORY");
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(outcomes(sweep.runId(key))).containsExactly("OUT_OF_MEMORY");
    }

    @Test
    void aCancelledTrialCommitsAndIsReleased() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "cancelled", NO_OP);
        String key = sweep.add(71, Map.of("steps", 10_000L, "sleepMillis", 5L), Map.of());
        TrialInput input = sweep.start().get(0);

        TrialResult result = slots.runCancelledAt(input, 20);

        assertThat(result).isEqualTo(new TrialResult(key, Outcome.RELEASED));
        assertThat(sweep.state(key)).isEqualTo("PENDING");
        Run run = store.runs().loadRun(sweep.runId(key));
        assertThat(run.status()).isEqualTo(RunStatus.SCHEDULED);
        assertThat(run.progress().position().step()).isBetween(20L, 9_999L);
        assertThat(outcomes(run.runId())).containsExactly("CANCELLED");
        assertThat(sweep.assign()).containsExactly(input);
    }

    @Test
    void aTrialThatIsNotTheSweepsToRunIsLeftAlone() {
        TestingSweep sweep = TestingSweep.ofNoOps(database, "released", NO_OP);
        String key = sweep.add(81, Map.of(), Map.of());
        TrialInput input = sweep.start().get(0);
        new SweepTrials(database).released(sweep.id(), key);
        assertThat(run(input)).isEqualTo(new TrialResult(key, Outcome.RELEASED));
        assertThat(store.runs().findRun(sweep.runId(key))).isEmpty();
    }

    private TrialResult run(TrialInput input) {
        return slots.run(input);
    }

    private TrialResult run(TrialInput input, Slot slot, LongConsumer beforeStep) {
        return slots.run(input, slot, beforeStep);
    }

    private static Slot newSlot() {
        return TestingSlots.newSlot();
    }

    private static ApplicationFailure failure(Runnable activity) {
        ActivityFailure failure = catchThrowableOfType(ActivityFailure.class, activity::run);
        return failure != null && failure.getCause() instanceof ApplicationFailure cause
                ? cause
                : ApplicationFailure.newFailure("nothing failed", "NONE");
    }

    /** What an undisturbed job has after its steps. */
    private String digest(TrialSpec trial, long steps) {
        try (TrainingJob job =
                NO_OP.open(new TaskInput(trial, new TreeMap<>(), new TreeMap<>()), new TreeMap<>(), slots.place())) {
            for (long step = 0; step < steps; step++) {
                job.step(step);
            }
            return StateDigest.of(job.positionAfter(steps), job.copyState());
        }
    }

    private List<MetricPoint> points(RunId runId, String key) {
        return new Metrics(database).listPoints(runId, key, 0);
    }

    private List<String> outcomes(RunId runId) {
        return store.attempts().listAttempts(runId).stream()
                .map(attempt -> attempt.end().outcome())
                .map(String::valueOf)
                .toList();
    }

    private List<StoredCheckpoint> present(RunId runId) {
        return store.checkpoints().listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state() == CheckpointState.PRESENT)
                .toList();
    }
}
