package perdura.training.tasks.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.LabelFraction;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SplitSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.TaskLabels;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingTrial;

class TestClassifierTasks {
    private static final List<Long> BLOCKS = List.of(1L, 1L, 1L, 1L);

    @TempDir
    private Path folder;

    private DataSet rsna() throws IOException {
        return new TestingImages(folder.resolve("rsna"), SourceSet.RSNA, 56, 40, 32).write();
    }

    private static TestingTrial tuning(DataSet data) {
        return new TestingTrial(new SupervisedClassificationTask())
                .on(data)
                .with("imageSize", 32L)
                .with("epochs", 2L)
                .with("batchSize", 10L)
                .with("model.blocks", BLOCKS)
                .with("model.width", 2L);
    }

    private static TestingTrial probe(DataSet data) {
        return new TestingTrial(new LinearProbeTask())
                .on(data)
                .with("epochs", 2L)
                .with("batchSize", 10L)
                .with("model.blocks", BLOCKS)
                .with("model.width", 2L);
    }

    @Test
    void fineTuningIsThatOfItsParametersOnThePapersSplit() throws IOException {
        DataSet data = rsna();
        DataSetSplits splits = new DataSetSplits(data);
        Split whole = splits.make(
                new SplitSpec(SplitSpec.Method.RATIO_622, 114_514, 0, false, 1, SplitSpec.FractionRule.PLAIN),
                splits.samples().rows());
        TaskData task = new TaskData(data, TaskLabels.of(data, ChexpertLabels.FIVE), whole);
        Split half = whole.withTrain(
                "half",
                Map.of(),
                splits.samples(),
                LabelFraction.stratified(splits.samples(), whole.rows(Split.TRAIN), task.labels(), 0.5, 7));
        SupervisedClassification expected = new SupervisedClassification(
                new ImageEncoder(List.of(1, 1, 1, 1), 2, 1),
                7,
                2,
                10,
                1e-4,
                new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null));
        try (TrainingJob job = expected.open(
                new TaskData(data, task.labels(), half),
                new EncoderWeights.Random(),
                new ResourceSpec("cpu", 1),
                () -> {})) {
            Map<String, Double> last = Map.of();
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
            assertThat(tuning(data).with("fraction", 0.5).seed(7).train(folder)).isEqualTo(last);
        }
    }

    @Test
    void everyMetricOfTheSchemaIsReportedOnEveryPart() throws IOException {
        DataSet data = rsna();
        for (TestingTrial trial : List.of(tuning(data), probe(data).with("view", "centre"))) {
            Map<String, Double> last = trial.train(folder);
            for (String part : List.of("validation", "best/validation", "test")) {
                for (String metric : ClassifierSchema.METRICS) {
                    assertThat(last).containsKey(part + "/" + metric);
                }
            }
        }
    }

    @Test
    void theProbesSplitIsItsPapersAndTheSameForAllSeeds() throws IOException {
        DataSet data = rsna();
        DataSetSplits splits = new DataSetSplits(data);
        Split whole = splits.make(
                new SplitSpec(SplitSpec.Method.HELD_OUT, 0, 0, false, 1, SplitSpec.FractionRule.PLAIN),
                splits.samples().rows());
        for (long seed : List.of(1L, 2L)) {
            TaskData task = new ClassifierInput(
                            probe(data).with("fraction", 0.5).seed(seed).input(), LinearProbeTask.RULES)
                    .data();
            assertThat(task.split().rows(Split.TEST)).isEqualTo(whole.rows(Split.TEST));
            assertThat(task.split().rows(Split.VALIDATION)).isEqualTo(whole.rows(Split.VALIDATION));
            assertThat(task.train()).isEqualTo(LabelFraction.plain(whole.rows(Split.TRAIN), 0.5, seed));
        }
    }

    @Test
    void theEncoderHasTheSizesOfItsWeights() throws IOException {
        DataSet data = rsna();
        ImageEncoder sizes = new ImageEncoder(List.of(1, 1, 1, 1), 4, 3);
        PretrainedEncoder given = new PretrainedEncoder("rn50", sizes, Normalization.RGB, null);
        TestingTrial trial = new TestingTrial(new SupervisedClassificationTask())
                .on(data)
                .with("imageSize", 32L)
                .from(given, new EncoderWeights.Random());
        trial.check();
        assertThat(new ClassifierInput(trial.input(), SupervisedClassificationTask.RULES).encoder())
                .isEqualTo(sizes);
        assertThat(new ClassifierInput(trial.input(), LinearProbeTask.RULES).scale())
                .isSameAs(Normalization.RGB);
        trial.with("model.width", 4L).check();
        assertRefused(
                trial.with("model.width", 8L),
                "model.width is 8, but encoder rn50 has 4; leave it out to take the encoder's");
    }

    @Test
    void withoutSizesARandomEncoderIsAResnet50() throws IOException {
        TestingTrial trial =
                new TestingTrial(new SupervisedClassificationTask()).on(rsna()).with("imageSize", 32L);
        assertThat(new ClassifierInput(trial.input(), SupervisedClassificationTask.RULES).encoder())
                .isEqualTo(new ImageEncoder(List.of(3, 4, 6, 3), 64, 1));
        assertThat(new ClassifierInput(trial.input(), LinearProbeTask.RULES).encoder())
                .isEqualTo(new ImageEncoder(List.of(3, 4, 6, 3), 64, 3));
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnythingStarts() throws IOException {
        DataSet data = rsna();
        String name = "data set " + data.header().digest() + " (rsna)";
        assertRefused(
                tuning(data).with("imageSize", 224L),
                "imageSize is 224, but " + name
                        + " was ingested with 32; ingest it with --image-size 224, or set imageSize: 32");
        assertRefused(
                tuning(data).with("split", "chexpert-gloria"),
                "split: chexpert-gloria is one of chexpert, data set "
                        + data.header().digest() + " is of rsna; take standard");
        DataSet tight = new TestingImages(folder.resolve("tight"), SourceSet.SIIM, 20, 32, 32).write();
        assertRefused(
                probe(tight),
                "view is crop, but the images of data set " + tight.header().digest()
                        + " (siim), 32 pixels, have no margin; ingest it with --profile sense, or set view: centre");
        DataSet blank = new TestingImages(folder.resolve("blank"), SourceSet.MIMIC_CXR, 20, 40, 32)
                .write(List.of(), (row, label) -> 0);
        assertRefused(
                probe(blank),
                "dataset: data set " + blank.header().digest()
                        + " (mimic-cxr) has no labels to classify by; take one of chexpert, rsna or siim");
        DataSet other = new TestingImages(folder.resolve("other"), SourceSet.CHEXPERT_5X200, 20, 40, 32).write();
        assertRefused(
                tuning(other),
                "split: standard: there is none for data set " + other.header().digest()
                        + " (chexpert-5x200); take ratio-622 or held-out");
        tuning(other).with("split", "ratio-622").check();
    }

    private static void assertRefused(TestingTrial trial, String message) {
        assertThatThrownBy(trial::check)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessage(message);
        assertThatThrownBy(() -> trial.open(Path.of("nowhere"))).hasMessage(message);
    }
}
