package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
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
import perdura.datasets.data.Normalization;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.TrialSpec;
import perdura.store.Runs;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.Task;
import perdura.training.tasks.classify.LinearProbeTask;
import perdura.training.tasks.classify.SupervisedClassificationTask;
import perdura.training.tasks.detect.DetectionTask;
import perdura.training.tasks.segment.SegmentationTask;
import perdura.workflows.TrialActivities.TrialInput;

/** Trials that learn from truths of an ingested set, from an encoder that a pre-training left in the store. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestFitTrials {
    /** The sizes of the profile tiny. */
    private static final ImageEncoder TINY = new ImageEncoder(List.of(1, 1, 1, 1), 8, 1);

    private static final RunId PRETRAINING = new RunId("prior-1");
    private static final String SPEC = """
            {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
            "profile":"tiny","seed":7,"data":{"root":"/nowhere","vocabulary":"/nowhere/vocab.txt"},\
            "stages":[{"stage":1,"epochs":2}]}""";

    private TestingTrials trials;
    private String labelled = "";
    private String masked = "";

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        trials = new TestingTrials(folder.resolve("artifacts"));
        labelled = ingest(folder, SynthConfig.Format.RSNA, SourceSet.RSNA);
        masked = ingest(folder, SynthConfig.Format.SIIM, SourceSet.SIIM);
        pretrain();
    }

    @AfterAll
    void stop() throws IOException {
        trials.close();
    }

    private String ingest(Path folder, SynthConfig.Format format, SourceSet set) {
        Path root = folder.resolve(set.word());
        SynthConfig.Amount amount = new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 60);
        SyntheticSet.write(root, SynthConfig.standard(format, amount, 11), 1, done -> {});
        IngestSpec spec = new IngestSpec(
                set,
                root,
                IngestSpec.Profile.PRIOR,
                32,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                IngestSpec.Sampling.STANDARD,
                false,
                false);
        return trials.ingest(spec);
    }

    /** A pre-training that has ended after four steps, one that has not come so far, and one that has not begun. */
    private void pretrain() {
        for (String name : List.of("prior-1", "prior-2", "prior-3")) {
            RunId runId = new RunId(name);
            trials.createPretraining(runId, SPEC);
            if (!name.equals("prior-3")) {
                trials.store().runs().recordPlan(runId, "1".repeat(64), 4);
            }
        }
        trials.endStage(PRETRAINING, new Position(1, 2, 4), TrainState.ofWeights(encoder()));
    }

    private static List<HostTensor> encoder() {
        List<HostTensor> tensors = new ArrayList<>();
        TINY.layout().shapes().forEach((name, shape) -> {
            boolean isCount = name.endsWith("num_batches_tracked");
            int elements = shape.stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
            ByteBuffer values = ByteBuffer.allocate(8 * elements).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < elements && !isCount; i++) {
                values.putFloat(name.contains("conv") ? (float) Math.sin(i) / 8 : 1);
            }
            values.limit(isCount ? 8 : 4 * elements);
            tensors.add(new HostTensor(name, isCount ? ElementType.I64 : ElementType.F32, shape, values.rewind()));
        });
        return tensors;
    }

    @Test
    void fineTuningThatIsInterruptedAfterAnyStepEndsTheSame() {
        assertInterruptionsChangeNothing(
                new SupervisedClassificationTask(),
                "auroc",
                labelled,
                Map.of("imageSize", 32L, "epochs", 2L, "batchSize", 12L));
    }

    @Test
    void aProbeThatIsInterruptedAfterAnyStepEndsTheSame() {
        assertInterruptionsChangeNothing(
                new LinearProbeTask(), "auroc", labelled, Map.of("view", "centre", "epochs", 2L, "batchSize", 14L));
    }

    /** With a patience that is spent before the last epoch: what is left of the plan does not run. */
    @Test
    void aSegmentationThatIsInterruptedAfterAnyStepEndsTheSame() {
        assertInterruptionsChangeNothing(
                new SegmentationTask(),
                "dice",
                masked,
                Map.of(
                        "imageSize",
                        32L,
                        "images",
                        "all",
                        "split",
                        "ratio-622",
                        "epochs",
                        40L,
                        "batchSize",
                        12L,
                        "loss",
                        "focal-dice",
                        "schedule",
                        "plateau",
                        "augmentation",
                        "affine",
                        "patience",
                        2L,
                        "model.decoder",
                        List.of(8L, 6L, 4L, 4L, 2L)));
    }

    @Test
    void aDetectionThatIsInterruptedAfterAnyStepEndsTheSame() {
        Map<String, Object> parameters = new HashMap<>(Map.of(
                "imageSize", 32L,
                "epochs", 3L,
                "batchSize", 4L,
                "fold", 2L,
                "learningRate", 1e-3,
                "model.fpn", 4L,
                "model.hidden", 8L,
                "model.anchors", List.of(4L, 8L, 12L, 16L, 24L),
                "model.canonical", 32L));
        parameters.putAll(Map.of(
                "rpn.samples", 16L,
                "head.samples", 8L,
                "proposals.train", 40L,
                "proposals.test", 40L,
                "proposals.kept.train", 20L,
                "proposals.kept.test", 20L));
        assertInterruptionsChangeNothing(new DetectionTask(), "map", labelled, parameters);
    }

    /** Each seed is preempted before another step; what an undisturbed job does is the measure. */
    private void assertInterruptionsChangeNothing(
            Task task, String metric, String data, Map<String, Object> parameters) {
        TestingSweep sweep = new TestingSweep(
                trials.database(), task.schema().name() + "-all-steps", task, metric, new EarlyStoppingSpec.None());
        Map<String, String> references = Map.of("dataset", data, "encoder", "run:prior-1@1");
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("dataset", "some-set");
        all.put("encoder", "prior-1@1");
        for (long seed = 0; seed < 5; seed++) {
            sweep.add(seed, all, references);
        }
        Runs runs = trials.store().runs();
        long stopAt = 0;
        for (TrialInput input : sweep.start()) {
            TestingTrials.Ended expected =
                    trials.undisturbed(task, TestingTrials.resolved(sweep.trial(input.trialKey()), references));
            long own = stopAt++;
            assertThat(expected.steps()).as("steps of an undisturbed job").isGreaterThan(own + 1);
            trials.preempt(input, own);
            RunId runId = sweep.runId(input.trialKey());
            assertThat(runs.loadRun(runId).progress().position().step()).isEqualTo(own + 1);

            trials.finishAs(input, runId, expected);

            assertThat(runs.loadRun(runId).binding().dataDigest()).isEqualTo(data);
            assertThat(expected.metrics()).containsKeys("test/" + metric, "best/validation/" + metric);
            assertThat(sweep.state(input.trialKey())).isEqualTo("DONE");
        }
    }

    @Test
    void anEncoderHasTheSizesAndTheNormalisationOfItsPretraining() {
        ResolvedTrial trial = probe("run:prior-1@1");
        assertThat(trials.references()
                        .input(trial, new LinearProbeTask().schema())
                        .encoders())
                .hasEntrySatisfying("encoder", encoder -> {
                    assertThat(encoder.name()).isEqualTo("stage 1 of run prior-1");
                    assertThat(encoder.sizes()).isEqualTo(TINY);
                    assertThat(encoder.scale()).isSameAs(Normalization.GREY);
                });
        assertThat(trials.references().weights(trial)).containsOnlyKeys("encoder");
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertRefused(
                "run:prior-2@1",
                ErrorCode.NOT_FOUND,
                "no whole checkpoint at the end of stage 1 of run prior-2, step 4");
        assertRefused("run:prior-3@1", ErrorCode.NOT_FOUND, "run prior-3 has not begun, so stage 1 of");
        assertRefused("run:prior-1@3", ErrorCode.INVALID_SPEC, "run prior-1 has no stage 3; its stages are [1]");
        assertRefused("run:prior-9@1", ErrorCode.NOT_FOUND, "run prior-9 is not in the store");
        assertRefused("weights:" + "ab".repeat(32), ErrorCode.NOT_FOUND, "no weights 'abab");
    }

    private void assertRefused(String locator, ErrorCode code, String message) {
        assertThatThrownBy(() -> trials.references().weights(probe(locator)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private ResolvedTrial probe(String locator) {
        Task task = new LinearProbeTask();
        return TestingTrials.resolved(
                new TrialSpec(task.schema().name(), 1, task.schema().defaults(), 1),
                Map.of("dataset", labelled, "encoder", locator));
    }
}
