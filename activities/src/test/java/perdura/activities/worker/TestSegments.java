package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.gpu.RunStore;
import perdura.activities.gpu.SegmentTrainer;
import perdura.activities.gpu.Slot;
import perdura.activities.gpu.TrainActivitiesImpl;
import perdura.activities.gpu.TrainSlot;
import perdura.activities.gpu.TrainSlot.TrainThread;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Attempt;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events.Event;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.testkit.FreshDatabase;
import perdura.workflows.TrainActivities;
import perdura.workflows.TrainActivities.SegmentInput;
import perdura.workflows.TrainActivities.SegmentResult;

/** Segments of a run, each by a slot that has nothing in memory, on what earlier ones left in store and folder. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestSegments {
    private static final String SPEC = """
            {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
            "profile":"tiny","seed":7,"data":{"root":"/nowhere","vocabulary":"/nowhere/vocab.txt"},\
            "commit":{"every":"1h","everySteps":20,"keep":3},"resume":{"environment":"%s"}}""";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Path artifacts;
    private FreshDatabase postgres;
    private Database database;
    private RunStore store;
    private final ConcurrentLinkedDeque<Long> steps = new ConcurrentLinkedDeque<>();

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        artifacts = folder;
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        store = RunStore.of(database);
    }

    @AfterAll
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void aDamagedCheckpointGivesWayToTheOneBefore() throws IOException {
        String digest = undisturbedDigest("undisturbed-a");
        RunId runId = createRun("damaged-newest", "record");
        train(runId, 100);
        flipByte(store.checkpoints().listCheckpoints(runId).get(0));

        steps.clear();
        SegmentResult result = train(runId, 200);

        assertThat(steps.getFirst()).isEqualTo(80);
        assertThat(result.stateDigest()).isEqualTo(digest);
        assertThat(events(runId, "CHECKPOINT_DAMAGED"))
                .singleElement()
                .extracting(Event::detail)
                .asString()
                .contains("weights.safetensors", "SHA-256");
        assertThat(events(runId, "RESTARTED")).isEmpty();
    }

    @Test
    void withoutAWholeCheckpointARunBeginsAgain() throws IOException {
        String digest = undisturbedDigest("undisturbed-b");
        RunId runId = createRun("damaged-all", "record");
        train(runId, 100);
        List<StoredCheckpoint> present = present(runId);
        assertThat(present).hasSize(3);
        for (StoredCheckpoint checkpoint : present) {
            flipByte(checkpoint);
        }

        steps.clear();
        SegmentResult result = train(runId, 200);

        assertThat(steps.getFirst()).isZero();
        assertThat(result.stateDigest()).isEqualTo(digest);
        assertThat(events(runId, "CHECKPOINT_DAMAGED")).hasSize(3);
        assertThat(events(runId, "RESTARTED")).hasSize(1);
    }

    @Test
    void aStepThatNeverEndsIsTold() {
        RunId runId = createRun("stalled", "record");
        CountDownLatch never = new CountDownLatch(1); // the thread hangs, as one in a stuck device does
        AtomicInteger stalls = new AtomicInteger();
        LongConsumer hangs = step -> {
            if (step == 30) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };

        ActivityFailure failure = catchThrowableOfType(
                ActivityFailure.class,
                () -> train(
                        runId,
                        200,
                        new CountingJobs("counting", hangs),
                        Duration.ofSeconds(1),
                        stalls::incrementAndGet));

        assertThat(failure.getCause()).isInstanceOfSatisfying(ApplicationFailure.class, cause -> {
            assertThat(cause.getType()).isEqualTo("STALLED");
            assertThat(cause.isNonRetryable()).isFalse();
            assertThat(cause.getOriginalMessage()).contains("1 s");
        });
        assertThat(stalls).hasValue(1);
        assertThat(store.attempts().findNewest(runId).orElseThrow().end().outcome())
                .isEqualTo("STALLED");
        assertThat(store.runs().loadRun(runId).progress().position().step()).isEqualTo(20);
    }

    @Test
    void anotherEnvironmentIsRefusedIfTheSpecSaysSo() {
        RunId runId = createRun("refusing", "refuse");
        train(runId, 40);

        ActivityFailure failure = catchThrowableOfType(ActivityFailure.class, () -> trainElsewhere(runId));

        assertThat(failure.getCause()).isInstanceOfSatisfying(ApplicationFailure.class, cause -> {
            assertThat(cause.getType()).isEqualTo("ENVIRONMENT_CHANGED");
            assertThat(cause.isNonRetryable()).isTrue();
            assertThat(cause.getOriginalMessage()).contains("counting on cpu", "abacus on cpu", "record");
        });
        assertThat(store.runs().loadRun(runId).progress().position().step()).isEqualTo(40);
        assertThat(store.attempts().listAttempts(runId)).hasSize(1);
        assertThat(train(runId, 80).step()).isEqualTo(80);
    }

    @Test
    void anotherEnvironmentIsRecorded() {
        RunId runId = createRun("recording", "record");
        train(runId, 40);

        assertThat(trainElsewhere(runId).step()).isEqualTo(80);

        assertThat(events(runId, "ENVIRONMENT_CHANGED"))
                .singleElement()
                .extracting(Event::detail)
                .asString()
                .contains("counting on cpu", "abacus on cpu", "step 40");
        assertThat(store.attempts().listAttempts(runId))
                .extracting(Attempt::fingerprint)
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("counting on cpu"),
                        second -> assertThat(second).startsWith("abacus on cpu"));
    }

    private String undisturbedDigest(String name) {
        return train(createRun(name, "record"), 200).stateDigest();
    }

    private RunId createRun(String name, String onOtherEnvironment) {
        RunId runId = new RunId(name);
        String spec = SPEC.formatted(onOtherEnvironment);
        store.runs()
                .createRun(new NewRun(
                        runId,
                        new Run.Identity("test", name, RunKind.PRETRAIN, spec, "0".repeat(64), 7),
                        Map.of(),
                        Map.of()));
        store.runs().recordPlan(runId, "0".repeat(64), CountingJobs.TOTAL_STEPS);
        return runId;
    }

    private SegmentResult train(RunId runId, long untilStep) {
        return train(runId, untilStep, new CountingJobs("counting", steps::add), PATIENCE, () -> {});
    }

    private SegmentResult trainElsewhere(RunId runId) {
        return train(runId, 80, new CountingJobs("abacus", step -> {}), PATIENCE, () -> {});
    }

    private SegmentResult train(
            RunId runId, long untilStep, CountingJobs jobs, Duration stallTimeout, Runnable onStall) {
        Slot slot = new Slot("slot", "test", "cpu");
        SegmentTrainer trainer = new SegmentTrainer(slot, store, jobs, artifacts, DurableEffects.counting());
        TestActivityEnvironment environment = TestActivityEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslation())
                        .build())
                .build());
        try {
            environment.registerActivitiesImplementations(
                    new TrainActivitiesImpl(new TrainSlot(slot, trainer, new TrainThread(), stallTimeout, onStall)));
            return environment
                    .newActivityStub(TrainActivities.class)
                    .trainSegment(new SegmentInput(runId.value(), untilStep));
        } finally {
            environment.close();
        }
    }

    private List<Event> events(RunId runId, String kind) {
        return store.events().listEvents(runId).stream()
                .filter(event -> event.kind().equals(kind))
                .toList();
    }

    private List<StoredCheckpoint> present(RunId runId) {
        return store.checkpoints().listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state() == CheckpointState.PRESENT)
                .toList();
    }

    private static void flipByte(StoredCheckpoint checkpoint) throws IOException {
        Path weights = Path.of(URI.create(checkpoint.files().uri())).resolve("weights.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
    }
}
