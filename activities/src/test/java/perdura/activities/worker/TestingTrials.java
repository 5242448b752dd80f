package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.failure.ActivityFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import perdura.activities.gpu.RunStore;
import perdura.activities.gpu.Slot;
import perdura.datasets.ingest.Ingest;
import perdura.experiments.reference.TrialReferences;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.Position;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.TrialSpec;
import perdura.store.Commit;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Metrics;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.testkit.FreshDatabase;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.Task;
import perdura.workflows.TrialActivities.Outcome;
import perdura.workflows.TrialActivities.TrialInput;

/** A store with pre-trainings in it, and slots of this process that run trials on what these have left. */
final class TestingTrials implements AutoCloseable {
    private final Path artifacts;
    private final FreshDatabase postgres;
    private final Database database;
    private final RunStore store;
    private final TestingSlots slots;

    TestingTrials(Path artifacts) throws IOException {
        this.artifacts = artifacts;
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        store = RunStore.of(database);
        slots = new TestingSlots(database, artifacts);
    }

    FreshDatabase postgres() {
        return postgres;
    }

    Database database() {
        return database;
    }

    RunStore store() {
        return store;
    }

    /** Ingests a set; returns its digest. */
    String ingest(IngestSpec spec) {
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return ingest.makeAll(1, () -> {}).digest();
        }
    }

    /** A pre-training that has not begun. */
    void createPretraining(RunId runId, String spec) {
        store.runs()
                .createRun(new NewRun(
                        runId,
                        new Run.Identity("test", "tiny", RunKind.PRETRAIN, spec, "0".repeat(64), 7),
                        Map.of(),
                        Map.of()));
    }

    /** Has a planned pre-training end a stage there, with this state. */
    void endStage(RunId runId, Position position, TrainState state) {
        long fence = store.attempts().claim(runId, "host", "cpu").fence();
        Checkpoint checkpoint = new CheckpointWriter(artifacts, runId, fence, "0".repeat(64), DurableEffects.counting())
                .write(position, state, null);
        store.commits()
                .publish(new Commit(
                        runId,
                        fence,
                        checkpoint.position(),
                        checkpoint.stateDigest(),
                        new StoredCheckpoint.Files(
                                checkpoint.folder().toUri().toString(),
                                checkpoint.manifestDigest(),
                                checkpoint.sizeBytes()),
                        true,
                        List.of()));
    }

    TrialReferences references() {
        return new TrialReferences(store.runs(), store.checkpoints(), artifacts);
    }

    static ResolvedTrial resolved(TrialSpec trial, Map<String, String> references) {
        return new ResolvedTrial(
                trial,
                new TreeMap<>(references),
                null,
                new ResourceSpec("cpu", 1),
                new RetrySpec(2, Duration.ofMillis(100)));
    }

    /** What a job has when it has ended. */
    record Ended(long steps, String digest, Map<String, Double> metrics) {}

    /** Runs a trial's job to its end, without a slot. */
    Ended undisturbed(Task task, ResolvedTrial trial) {
        try (TrainingJob job =
                task.open(references().input(trial, task.schema()), references().weights(trial), slots.place())) {
            Map<String, Double> last = Map.of();
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
            String digest = StateDigest.of(job.positionAfter(job.totalSteps()), job.copyState());
            return new Ended(job.totalSteps(), digest, last);
        }
    }

    /** Runs a trial whose slot is drained before a step, which is the last one that it does. */
    void preempt(TrialInput input, long atStep) {
        Slot slot = TestingSlots.newSlot();
        assertThatThrownBy(() -> slots.run(input, slot, step -> {
                    if (step == atStep) {
                        slot.drain();
                    }
                }))
                .isInstanceOf(ActivityFailure.class);
    }

    /** Runs a trial, preempted or not, to its end, which must be that of an undisturbed job. */
    void finishAs(TrialInput input, RunId runId, Ended expected) {
        assertThat(slots.run(input).outcome()).isEqualTo(Outcome.FINISHED);

        assertThat(store.runs().loadRun(runId).progress().stateDigest()).isEqualTo(expected.digest());
        Map<String, Double> last = new HashMap<>();
        for (String key : expected.metrics().keySet()) {
            List<MetricPoint> points = new Metrics(database).listPoints(runId, key, expected.steps() - 1);
            last.put(key, points.get(points.size() - 1).value());
        }
        assertThat(last).isEqualTo(expected.metrics());
    }

    @Override
    public void close() throws IOException {
        database.close();
        postgres.close();
    }
}
