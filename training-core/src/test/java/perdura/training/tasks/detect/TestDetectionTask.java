package perdura.training.tasks.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.training.checkpoint.StateDigest;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.CocoAveragePrecision;
import perdura.training.nn.Backbone;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingTrial;

class TestDetectionTask {
    private static final int ROWS = 30;

    @TempDir
    private Path folder;

    /** Every third row has none, the others have one or two. */
    private static float[] boxes(int row) {
        float x = row % 7;
        return switch (row % 3) {
            case 0 -> new float[0];
            case 1 -> new float[] {x, 3, x + 12, 20};
            default -> new float[] {x, 2, x + 10, 14, 18, x, 31, x + 16};
        };
    }

    private DataSet data(IntFunction<float[]> boxes) throws IOException {
        return data("rsna", 32, 32, boxes);
    }

    private DataSet data(String name, int stored, int side, IntFunction<float[]> boxes) throws IOException {
        return new TestingImages(folder.resolve(name), SourceSet.RSNA, ROWS, stored, side)
                .withBoxes(boxes)
                .write(List.of("Target"), (row, label) -> boxes.apply(row).length > 0 ? 1 : 0);
    }

    private static TestingTrial trial(DataSet data) {
        return new TestingTrial(new DetectionTask())
                .on(data)
                .with("imageSize", 32L)
                .with("epochs", 2L)
                .with("batchSize", 4L)
                .with("learningRate", 1e-3)
                .with("model.blocks", List.of(1L, 1L, 1L, 1L))
                .with("model.width", 2L)
                .with("model.fpn", 4L)
                .with("model.hidden", 8L)
                .with("model.anchors", List.of(6L, 12L, 18L, 24L, 30L))
                .with("model.canonical", 32L)
                .with("rpn.samples", 16L)
                .with("head.samples", 8L)
                .with("proposals.train", 40L)
                .with("proposals.test", 40L)
                .with("proposals.kept.train", 20L)
                .with("proposals.kept.test", 20L);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theDefaultsAreThePapers() {
        SortedMap<String, Object> defaults = new TreeMap<>();
        new DetectionTask().schema().defaults().values().forEach((path, value) -> {
            if (value != null) {
                defaults.put(path, value);
            }
        });
        assertThat(defaults)
                .containsEntry("learningRate", 5e-5)
                .containsEntry("epochs", 20L)
                .containsEntry("batchSize", 16L)
                .containsEntry("optimizer.algorithm", "adam")
                .containsEntry("optimizer.weightDecay", 1e-6)
                .containsEntry("model.fpn", 256L)
                .containsEntry("model.hidden", 1024L)
                .containsEntry("model.anchors", List.of(32L, 64L, 128L, 256L, 512L))
                .containsEntry("model.canonical", 224L)
                .containsEntry("rpn.samples", 256L)
                .containsEntry("head.samples", 512L)
                .containsEntry("proposals.train", 2000L)
                .containsEntry("proposals.test", 1000L)
                .containsEntry("proposals.kept.train", 2000L)
                .containsEntry("proposals.kept.test", 1000L);
    }

    /** prior.md 4.5: "With one channel 41,292,889 trained parameters". */
    @Test
    void thePapersDetectorHasItsParameters() throws IOException {
        TestingTrial paper = new TestingTrial(new DetectionTask())
                .on(data("large", 224, 224, row -> new float[] {0, 0, 9, 9}))
                .with("model.blocks", List.of(3L, 4L, 6L, 3L))
                .with("model.width", 64L);
        Backbone backbone = new DetectionInput(paper.input()).encoder().backbone();
        Detector detector = new Detector(backbone, new DetectionInput(paper.input()).spec());
        assertThat(detector.layout().countNumbers(detector.program().trained())).isEqualTo(41_292_889);
    }

    @Test
    void everyMetricOfTheSchemaIsReportedOnEveryPart() throws IOException {
        TestingTrial trial = trial(data(TestDetectionTask::boxes));
        Map<String, Double> last = trial.train(folder);
        assertThat(trial.files()).as("shown to MLflow").isEmpty();
        assertThat(folder.resolve("run/figures/boxes.png")).isNotEmptyFile();
        assertThat(last).containsKey("baseline/k-means-boxes/map");
        for (String part : List.of("validation", "best/validation", "test")) {
            for (String metric : CocoAveragePrecision.METRICS) {
                assertThat(last)
                        .hasEntrySatisfying(
                                part + "/" + metric, value -> assertThat(value).isBetween(0.0, 1.0));
            }
        }
        double sum = 0;
        for (String loss : List.of("objectness", "rpn_boxes", "classes", "boxes")) {
            sum += Objects.requireNonNull(last.get("train/loss_" + loss));
        }
        assertThat(last.get("train/loss")).isCloseTo(sum, within(1e-5));
    }

    @Test
    void imagesWithoutBoxesTakeNoPartAndEachOtherIsTestedOnce() throws IOException {
        DataSet data = data(TestDetectionTask::boxes);
        List<Integer> tested = new ArrayList<>();
        for (long fold = 0; fold < 5; fold++) {
            Split split = new DetectionInput(trial(data).with("fold", fold).input()).split();
            Set<Integer> rows = new HashSet<>();
            for (String part : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST)) {
                split.rows(part).stream().forEach(row -> {
                    assertThat(boxes(row)).isNotEmpty();
                    assertThat(rows.add(row)).isTrue();
                });
            }
            assertThat(rows).hasSize(20);
            split.rows(Split.TEST).stream().forEach(tested::add);
        }
        assertThat(tested)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, ROWS)
                        .filter(row -> row % 3 != 0)
                        .boxed()
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aTrialGoesOnToTheBitAfterAnyStep(long done) throws IOException {
        DataSet data = data(TestDetectionTask::boxes);
        List<Map<String, Double>> metrics = new ArrayList<>();
        try (TrainingJob whole = trial(data).open(folder);
                TrainingJob second = trial(data).open(folder)) {
            assertThat(whole.totalSteps()).isEqualTo(6);
            second.step(0); // all of this must be replaced
            for (long step = 0; step < whole.totalSteps(); step++) {
                if (step == done) {
                    second.loadState(whole.positionAfter(done), whole.copyState());
                }
                metrics.add(whole.step(step));
            }
            for (long step = done; step < second.totalSteps(); step++) {
                assertThat(second.step(step)).isEqualTo(metrics.get((int) step));
            }
            assertThat(StateDigest.of(second.positionAfter(6), second.copyState()))
                    .isEqualTo(StateDigest.of(whole.positionAfter(6), whole.copyState()));
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 5, 5, 9", "9, 5, 5, 9", "5, 9, 9, 9", "-1, 5, 9, 9", "5, 5, 33, 9", "5, 5, 9, NaN"})
    void aBoxThatIsNoneIsRefused(float x0, float y0, float x1, float y1) throws IOException {
        DataSet data = data(row -> row == 7 ? new float[] {1, 1, 5, 5, x0, y0, x1, y1} : boxes(row));
        assertRefused(ErrorCode.INVALID_DATA, () -> trial(data).open(folder).close())
                .hasMessageContainingAll(data.header().digest(), "'s007'", "box 1", "0 to 32");
    }

    @Test
    void aFoldBeyondTheNumberIsRefused() throws IOException {
        assertThat(new DetectionTask()
                        .schema()
                        .find("fold")
                        .orElseThrow()
                        .type()
                        .contains(5L))
                .isFalse();
        DataSet data = data(TestDetectionTask::boxes);
        TestingTrial none = trial(data).with("split", "held-out").with("fold", 1L);
        assertRefused(ErrorCode.INVALID_SPEC, none::check).hasMessageContainingAll("fold is 1", "held-out");
        none.with("fold", 0L).check();
    }

    @Test
    void tooFewImagesWithBoxesAreRefused() throws IOException {
        DataSet data = data(row -> row < 4 ? new float[] {1, 1, 9, 9} : new float[0]);
        assertRefused(ErrorCode.INVALID_DATA, trial(data)::check).hasMessageContainingAll("4 images", "have boxes");
    }

    @Test
    void aSetWithoutBoxesIsRefused() throws IOException {
        DataSet data = new TestingImages(folder.resolve("siim"), SourceSet.SIIM, ROWS, 32, 32).write();
        assertRefused(ErrorCode.INVALID_SPEC, trial(data)::check).hasMessageContainingAll("siim", "no boxes");
    }

    @Test
    void anImageThatThePyramidDoesNotFitIsRefused() throws IOException {
        DataSet odd = data("odd", 48, 48, TestDetectionTask::boxes);
        assertRefused(ErrorCode.INVALID_SPEC, trial(odd).with("imageSize", 48L)::check)
                .hasMessageContainingAll("imageSize is 48", "32");
        DataSet other = data("other", 64, 64, TestDetectionTask::boxes);
        assertRefused(ErrorCode.INVALID_SPEC, trial(other)::check)
                .hasMessageContainingAll("imageSize is 32", "ingested with 64");
        DataSet margin = data("margin", 40, 32, TestDetectionTask::boxes);
        assertRefused(ErrorCode.INVALID_SPEC, trial(margin)::check).hasMessageContainingAll("margin", "40");
    }

    @Test
    void findingNothingAnywhereScoresZero() {
        CocoAveragePrecision precision = new CocoAveragePrecision();
        precision.add(new double[] {1, 1, 5, 5}, new double[0], new double[0]);
        DetectionEvaluator.DetectionScores scores =
                new DetectionEvaluator.DetectionScores(precision.result(), List.of());
        assertThat(scores.map()).isZero();
        assertThat(scores.metrics("test").values()).hasSize(3).allMatch(value -> value == 0);
    }
}
