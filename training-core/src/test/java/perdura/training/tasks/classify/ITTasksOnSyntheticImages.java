package perdura.training.tasks.classify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SplitSpec;
import perdura.training.golden.TestingSynth;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.TaskLabels;
import perdura.training.tasks.fit.FitJob;

/** Both tasks on an ingested synthetic RSNA set, from files to a test AUROC: a random encoder beats chance. */
class ITTasksOnSyntheticImages {
    private static final int PATIENTS = 800;
    private static final ResourceSpec CPU = new ResourceSpec("cpu", 1);
    private static final ImageEncoder ENCODER = new ImageEncoder(List.of(1, 1, 1, 1), 8, 1);

    @TempDir
    private static Path folder;

    private static DataSet data;

    @BeforeAll
    static void ingest() {
        SynthConfig config = SynthConfig.standard(
                        SynthConfig.Format.RSNA, new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, PATIENTS), 11)
                .withDifficulty(0.25);
        data = TestingSynth.ingest(folder, config, 64);
    }

    @Test
    void aRandomEncodersFeaturesTellMoreThanChance() {
        LinearProbe probe = new LinearProbe(
                ENCODER,
                Normalization.GREY,
                LinearProbe.TrainView.CENTRE,
                1,
                50,
                64,
                1e-2,
                5,
                0.5,
                new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.5, 0.999, 1e-8, 1e-6, null));
        try (FitJob<?, ClassificationMetrics> job = probe.open(
                task(),
                new EncoderWeights.Random(),
                folder.resolve("artifacts"),
                CPU,
                DurableEffects.counting(),
                n -> {})) {
            assertThat(run(job))
                    .containsKey("test/auprc")
                    .hasEntrySatisfying("test/auroc", auroc -> assertThat(auroc).isGreaterThan(0.6));
        }
    }

    @Test
    void fineTuningLearns() {
        SupervisedClassification tuning = new SupervisedClassification(
                ENCODER, 1, 8, 32, 3e-3, new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null));
        try (FitJob<?, ClassificationMetrics> job = tuning.open(task(), new EncoderWeights.Random(), CPU, () -> {})) {
            assertThat(run(job))
                    .containsKey("test/auprc")
                    .hasEntrySatisfying("test/auroc", auroc -> assertThat(auroc).isGreaterThan(0.6));
        }
    }

    private static Map<String, Double> run(FitJob<?, ClassificationMetrics> job) {
        Map<String, Double> last = Map.of();
        for (long step = 0; step < job.totalSteps(); step++) {
            last = job.step(step);
        }
        return last;
    }

    private static TaskData task() {
        DataSetSplits splits = new DataSetSplits(data);
        SplitSpec split =
                new SplitSpec(SplitSpec.Method.RATIO_622, 114_514, 0, true, 1, SplitSpec.FractionRule.STRATIFIED);
        return new TaskData(
                data,
                TaskLabels.of(data, ChexpertLabels.FIVE),
                splits.make(split, splits.samples().rows()));
    }
}
