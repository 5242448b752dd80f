package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.store.Runs;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.method.Methods;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.nn.Initializer;
import perdura.training.tasks.Task;
import perdura.training.tasks.pair.RetrievalTask;
import perdura.training.tasks.pair.ZeroShotTask;
import perdura.training.torch.Parameters;
import perdura.training.torch.Torch;
import perdura.workflows.TrialActivities.TrialInput;

/** Zero-shot classification and retrieval from a pre-training that lies in the store, through the platform. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestPairTrials {
    private static final RunId PRETRAINING = new RunId("prior-1");

    private Path artifacts;
    private TestingTrials trials;
    private String data = "";

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        artifacts = folder.resolve("artifacts");
        trials = new TestingTrials(artifacts);
        String learned = ingest(folder, 40, 3);
        data = ingest(folder, 200, 4);
        pretrain(learned);
    }

    @AfterAll
    void stop() throws IOException {
        trials.close();
    }

    private String ingest(Path folder, int studies, long seed) {
        Path root = folder.resolve("mimic-" + seed);
        MimicCxrSynth.write(root, SynthConfig.of(studies, seed), done -> {});
        return trials.ingest(MimicCxrSynth.ingest(root, 64, 4));
    }

    /** A pre-training that has ended after two steps, with the weights that it began with. */
    private void pretrain(String learned) {
        String spec = """
                {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
                "profile":"tiny","seed":7,"data":{"dataset":"%s"},\
                "stages":[{"stage":1,"epochs":1},{"stage":2,"epochs":1}]}""".formatted(learned);
        trials.createPretraining(PRETRAINING, spec);
        trials.store().runs().recordPlan(PRETRAINING, learned, 2);
        trials.endStage(PRETRAINING, new Position(2, 1, 2), weights(spec, learned));
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
                trials.database(), task.schema().name() + "-all-steps", task, metric, new EarlyStoppingSpec.None());
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
        Runs runs = trials.store().runs();
        long stopAt = 0;
        for (TrialInput input : sweep.start()) {
            TestingTrials.Ended expected =
                    trials.undisturbed(task, TestingTrials.resolved(sweep.trial(input.trialKey()), references));
            long own = stopAt++;
            trials.preempt(input, own);
            RunId runId = sweep.runId(input.trialKey());
            assertThat(runs.loadRun(runId).progress().position()).isEqualTo(new Position(1, 0, own + 1));

            trials.finishAs(input, runId, expected);

            assertThat(runs.loadRun(runId).progress().position()).isEqualTo(new Position(1, 1, 3));
            assertThat(expected.metrics())
                    .containsKeys("test/" + metric, "best/validation/" + metric, "validation/" + metric);
            assertThat(artifacts(runId)).isEqualTo(files);
        }
    }

    private List<String> artifacts(RunId runId) throws SQLException {
        List<String> paths = new ArrayList<>();
        try (var connection = trials.postgres().connect();
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
