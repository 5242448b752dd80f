package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.failure.ActivityFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.gpu.RunStore;
import perdura.activities.gpu.Slot;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.experiments.reference.TrialReferences;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.Position;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
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
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.method.Methods;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.nn.Initializer;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.pair.RetrievalTask;
import perdura.training.tasks.pair.ZeroShotTask;
import perdura.training.torch.Parameters;
import perdura.training.torch.Torch;
import perdura.workflows.TrialActivities.Outcome;
import perdura.workflows.TrialActivities.TrialInput;

/** Zero-shot classification and retrieval from a pre-training that lies in the store, through the platform. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestPairTrials {
    private static final RunId PRETRAINING = new RunId("prior-1");

    private Path artifacts;
    private FreshDatabase postgres;
    private Database database;
    private RunStore store;
    private TestingSlots slots;
    private String data = "";

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        artifacts = folder.resolve("artifacts");
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        store = RunStore.of(database);
        slots = new TestingSlots(database, artifacts);
        String learned = ingest(folder, 40, 3);
        data = ingest(folder, 200, 4);
        pretrain(learned);
    }

    @AfterAll
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private String ingest(Path folder, int studies, long seed) {
        Path root = folder.resolve("mimic-" + seed);
        MimicCxrSynth.write(root, SynthConfig.of(studies, seed), done -> {});
        IngestSpec spec = MimicCxrSynth.ingest(root, 64, 4);
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return ingest.makeAll(1, () -> {}).digest();
        }
    }

    /** A pre-training that has ended after two steps, with the weights that it began with. */
    private void pretrain(String learned) {
        String spec = """
                {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
                "profile":"tiny","seed":7,"data":{"dataset":"%s"},\
                "stages":[{"stage":1,"epochs":1},{"stage":2,"epochs":1}]}""".formatted(learned);
        store.runs()
                .createRun(new NewRun(
                        PRETRAINING,
                        new Run.Identity("test", "tiny", RunKind.PRETRAIN, spec, "0".repeat(64), 7),
                        Map.of(),
                        Map.of()));
        store.runs().recordPlan(PRETRAINING, learned, 2);
        long fence = store.attempts().claim(PRETRAINING, "host", "cpu").fence();
        Checkpoint checkpoint = new CheckpointWriter(
                        artifacts, PRETRAINING, fence, "0".repeat(64), DurableEffects.counting())
                .write(new Position(2, 1, 2), weights(spec, learned), null);
        store.commits()
                .publish(new Commit(
                        PRETRAINING,
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

    private TrainState weights(String spec, String learned) {
        int pieces =
                DataSet.open(DataSet.folder(artifacts, learned)).vocabulary().size();
        Prior prior =
                new Prior(PriorSpec.of(Methods.load().specs().readStored(spec)).model(), pieces);
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters parameters = prior.layout().allocate(torch, ElementType.F32);
            Initializer.fill(torch, prior.layout(), parameters, 7);
            return TrainState.ofWeights(parameters.copyOut());
        }
    }

    @Test
    void zeroShotThatIsInterruptedAfterAnyStepEndsTheSame() throws SQLException {
        assertInterruptionsChangeNothing(
                new ZeroShotTask(), "accuracy", Map.of("dataset", data), List.of("sampling/images.json"));
    }

    @Test
    void retrievalThatIsInterruptedAfterAnyStepEndsTheSame() throws SQLException {
        assertInterruptionsChangeNothing(
                new RetrievalTask(),
                "precision_at_1",
                Map.of("dataset", data, "reports", data),
                List.of("sampling/images.json", "sampling/reports.json"));
    }

    /** Each seed is preempted before another step; what an undisturbed job does is the measure. */
    private void assertInterruptionsChangeNothing(
            Task task, String metric, Map<String, String> dataSets, List<String> files) throws SQLException {
        TestingSweep sweep = new TestingSweep(
                database, task.schema().name() + "-all-steps", task, metric, new EarlyStoppingSpec.None());
        Map<String, String> references = new HashMap<>(dataSets);
        references.put("encoder", "run:prior-1@2");
        Map<String, Object> all = new HashMap<>();
        references.keySet().forEach(path -> all.put(path, "some-name"));
        all.put("perClass", 2L);
        all.put("batchSize", 4L);
        if (dataSets.containsKey("reports")) {
            all.put("reportsPerClass", 3L);
        }
        sweep.add(114_514, all, references);
        sweep.add(114_515, all, references);
        long stopAt = 0;
        for (TrialInput input : sweep.start()) {
            Ended expected = undisturbed(task, resolved(sweep.trial(input.trialKey()), references));
            long own = stopAt++;
            Slot slot = TestingSlots.newSlot();
            assertThatThrownBy(() -> slots.run(input, slot, step -> {
                        if (step == own) {
                            slot.drain();
                        }
                    }))
                    .isInstanceOf(ActivityFailure.class);
            RunId runId = sweep.runId(input.trialKey());
            assertThat(store.runs().loadRun(runId).progress().position()).isEqualTo(new Position(1, 0, own + 1));

            assertThat(slots.run(input).outcome()).isEqualTo(Outcome.FINISHED);

            assertThat(store.runs().loadRun(runId).progress().position()).isEqualTo(new Position(1, 1, 3));
            assertThat(store.runs().loadRun(runId).progress().stateDigest()).isEqualTo(expected.digest());
            Map<String, Double> last = new HashMap<>();
            for (String key : expected.metrics().keySet()) {
                List<MetricPoint> points = new Metrics(database).listPoints(runId, key, 2);
                last.put(key, points.get(points.size() - 1).value());
            }
            assertThat(last)
                    .isEqualTo(expected.metrics())
                    .containsKeys("test/" + metric, "best/validation/" + metric, "validation/" + metric);
            assertThat(artifacts(runId)).isEqualTo(files);
        }
    }

    private record Ended(String digest, Map<String, Double> metrics) {}

    private Ended undisturbed(Task task, ResolvedTrial trial) {
        TrialReferences references = new TrialReferences(store.runs(), store.checkpoints(), artifacts);
        TaskContext place = new TaskContext(
                artifacts,
                artifacts.resolve("run"),
                new ResourceSpec("cpu", 1),
                1,
                DurableEffects.counting(),
                () -> {},
                (path, file) -> {});
        try (TrainingJob job = task.open(references.input(trial, task.schema()), references.weights(trial), place)) {
            Map<String, Double> last = Map.of();
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
            return new Ended(StateDigest.of(job.positionAfter(job.totalSteps()), job.copyState()), last);
        }
    }

    private static ResolvedTrial resolved(TrialSpec trial, Map<String, String> references) {
        return new ResolvedTrial(
                trial,
                new TreeMap<>(references),
                null,
                new ResourceSpec("cpu", 1),
                new RetrySpec(2, Duration.ofMillis(100)));
    }

    private List<String> artifacts(RunId runId) throws SQLException {
        List<String> paths = new ArrayList<>();
        try (var connection = postgres.connect();
                var query = connection.prepareStatement("SELECT path FROM artifact WHERE run_id = ? ORDER BY path")) {
            query.setString(1, runId.value());
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    paths.add(rows.getString(1));
                }
            }
        }
        return paths;
    }
}
