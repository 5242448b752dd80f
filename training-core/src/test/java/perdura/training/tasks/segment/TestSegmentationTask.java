package perdura.training.tasks.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.LabelFraction;
import perdura.datasets.split.RowList;
import perdura.datasets.split.SiimNegatives;
import perdura.datasets.split.Split;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.TaskSchema;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.golden.GoldenFixture;
import perdura.training.loop.TrainingJob;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingTrial;

class TestSegmentationTask {
    private static final TaskSchema SCHEMA = new SegmentationTask().schema();

    @TempDir
    private Path folder;

    private DataSet siim() throws IOException {
        return siim(60, 32, 60, 32);
    }

    private DataSet siim(int rows, int side, int masks, int maskSide) throws IOException {
        Path data = folder.resolve("siim-" + System.nanoTime());
        return new TestingImages(data, SourceSet.SIIM, rows, side, side)
                .withMasks(masks, maskSide)
                .write(List.of("Pneumothorax"), TestingImages::label);
    }

    private static TestingTrial trial(DataSet data) {
        return new TestingTrial(new SegmentationTask())
                .on(data)
                .with("imageSize", (long) data.header().imageSize())
                .with("epochs", 2L)
                .with("batchSize", 8L)
                .with("model.blocks", List.of(1L, 1L, 1L, 1L))
                .with("model.width", 2L)
                .with("model.decoder", List.of(8L, 6L, 4L, 4L, 2L));
    }

    private static List<Integer> positives(DataSet data) {
        return IntStream.range(0, Math.toIntExact(data.size()))
                .filter(row -> TestingImages.label(row, 0) == 1)
                .boxed()
                .toList();
    }

    private static Split split(TestingTrial trial) {
        return new SegmentationInput(trial.input()).split();
    }

    @Test
    void theDefaultsAreThoseOfPriorOnAllOfSiim() {
        assertThat(SCHEMA.defaults().values())
                .containsEntry("learningRate", 1e-3)
                .containsEntry("epochs", 50L)
                .containsEntry("batchSize", 128L)
                .containsEntry("loss", "dice")
                .containsEntry("schedule", "cosine")
                .containsEntry("images", "positives")
                .containsEntry("split", "standard")
                .containsEntry("splitSeed", 114_514L)
                .containsEntry("fold", 0L)
                .containsEntry("imageSize", 224L)
                .containsEntry("augmentation", "none")
                .containsEntry("optimizer.weightDecay", 1e-6)
                .containsEntry("model.decoder", List.of(256L, 128L, 64L, 32L, 16L));
        assertThat(SCHEMA.metrics()).containsExactly("dice", "dice-positives", "dice-empty", "loss");
    }

    @Test
    void everyMetricIsReportedOnEveryPart() throws IOException {
        Map<String, Double> last = trial(siim()).with("images", "all").train(folder);
        for (String part : List.of("validation", "best/validation", "test")) {
            for (String metric : SCHEMA.metrics()) {
                assertThat(last).containsKey(part + "/" + metric);
            }
        }
        assertThat(last.values()).allMatch(Double::isFinite);
        assertThat(last.get("test/dice-empty")).isBetween(0.1, 0.9);
    }

    @Test
    void priorTrainsAndTestsOnPositivesInFiveFolds() throws IOException {
        DataSet data = siim();
        TreeSet<Integer> tested = new TreeSet<>();
        for (long fold = 0; fold < 5; fold++) {
            Split split = split(trial(data).with("fold", fold));
            split.rows(Split.TEST).stream()
                    .forEach(row -> assertThat(tested.add(row)).isTrue());
            assertThat(split.rows(Split.VALIDATION))
                    .isEqualTo(split(trial(data).with("fold", (fold + 1) % 5)).rows(Split.TEST));
            assertThat(split(trial(data).with("fold", fold).seed(9))).isEqualTo(split);
        }
        assertThat(tested).containsExactlyElementsOf(positives(data));
    }

    @Test
    void aFractionOfTheTrainingPartIsDrawnByTheSeed() throws IOException {
        DataSet data = siim();
        Split whole = split(trial(data));
        Split half = split(trial(data).with("fraction", 0.5).seed(3));
        assertThat(half.rows(Split.TEST)).isEqualTo(whole.rows(Split.TEST));
        assertThat(half.rows(Split.TRAIN).size())
                .isEqualTo((whole.rows(Split.TRAIN).size() + 1) / 2);
        assertThat(split(trial(data).with("fraction", 0.5).seed(4))).isNotEqualTo(half);
    }

    @Test
    void senseBalancesItsTrainingPartAlone() throws IOException {
        DataSet data = siim();
        TestingTrial trial =
                trial(data).with("split", "held-out").with("splitSeed", 0L).seed(5);
        Split all = split(trial.with("images", "all"));
        Split balanced = split(trial.with("images", "balanced"));
        assertThat(balanced.rows(Split.VALIDATION)).isEqualTo(all.rows(Split.VALIDATION));
        assertThat(balanced.rows(Split.TEST)).isEqualTo(all.rows(Split.TEST));
        RowList train = all.rows(Split.TRAIN);
        RowList positives = train.filter(row -> TestingImages.label(row, 0) == 1);
        RowList negatives = SiimNegatives.choose(
                new DataSetSplits(data).samples(),
                train.filter(row -> TestingImages.label(row, 0) == 0),
                positives.size(),
                5);
        List<Integer> expected = new ArrayList<>(positives.stream().boxed().toList());
        expected.addAll(negatives.stream().boxed().toList());
        assertThat(balanced.rows(Split.TRAIN).stream().boxed()).containsExactlyElementsOf(expected);
        assertThat(split(trial.with("fraction", 0.5)).rows(Split.TRAIN))
                .isEqualTo(LabelFraction.plain(balanced.rows(Split.TRAIN), 0.5, 5));
    }

    @Test
    void aTrialResumesToTheBitAfterAnyStep() throws IOException {
        DataSet data = siim();
        TestingTrial trial = trial(data)
                .with("images", "balanced")
                .with("split", "held-out")
                .with("loss", "focal-dice")
                .with("schedule", "plateau")
                .with("augmentation", "affine")
                .with("epochs", 3L)
                .with("patience", 1L)
                .with("batchSize", 12L)
                .with("learningRate", 0.03);
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<Map<String, Double>> metrics = new ArrayList<>();
        CheckpointWriter writer =
                new CheckpointWriter(folder, new RunId("run-1"), 1, "0".repeat(64), DurableEffects.counting());
        try (TrainingJob job = trial.open(folder)) {
            for (long step = 0; step < job.totalSteps(); step++) {
                metrics.add(job.step(step));
                checkpoints.add(writer.write(job.positionAfter(step + 1), job.copyState(), null));
            }
        }
        assertThat(metrics).hasSizeGreaterThan(4);
        for (int done = 1; done < metrics.size(); done++) {
            try (TrainingJob job = trial.open(folder)) {
                job.step(0); // all of this must be replaced
                Checkpoint at = checkpoints.get(done - 1);
                LoadedCheckpoint loaded = CheckpointReader.read(at.folder(), at.manifestDigest());
                job.loadState(loaded.position(), loaded.state());
                for (int step = done; step < metrics.size(); step++) {
                    assertThat(job.step(step)).isEqualTo(metrics.get(step));
                    assertThat(StateDigest.of(job.positionAfter(step + 1), job.copyState()))
                            .as("state after step %d and a stop at %d", step, done)
                            .isEqualTo(checkpoints.get(step).stateDigest());
                }
                assertThat(job.totalSteps()).isEqualTo(metrics.size());
            }
        }
    }

    @Test
    void aRunShowsTestImagesAndAnswersThatNeedNoLearning() throws IOException {
        TestingTrial trial = trial(siim()).with("epochs", 1L);
        Map<String, Double> last = trial.train(folder);
        assertThat(last)
                .containsEntry("baseline/empty/dice-positives", 0.0)
                .containsKeys("baseline/mean-mask/dice-positives", "baseline/nearest-image/dice-positives");
        assertThat(trial.files()).as("shown to MLflow").isEmpty();
        BufferedImage read =
                ImageIO.read(folder.resolve("run/figures/masks.png").toFile());
        assertThat(read.getWidth()).isGreaterThan(8 * 260); // at least eight images beside each other
        assertThat(read.getHeight()).isGreaterThan(3 * 260);
    }

    @Test
    void everyLossAndScheduleGivesNumbers() throws IOException {
        DataSet data = siim();
        for (String loss : List.of("dice", "focal-dice", "focal-dice-alternative")) {
            for (String schedule : List.of("cosine", "plateau")) {
                Map<String, Double> last = trial(data)
                        .with("loss", loss)
                        .with("schedule", schedule)
                        .train(folder);
                assertThat(last.values()).as("%s, %s", loss, schedule).allMatch(Double::isFinite);
            }
        }
    }

    /** No training image of the first batch has a mask: the Dice loss is 1 and teaches nothing, and the step says so. */
    @Test
    void aBatchWithoutTruthIsToldAndTeachesNothingByDice() throws IOException {
        DataSet data = siim();
        TestingTrial trial = trial(data)
                .with("images", "all")
                .with("batchSize", 2L)
                .with("optimizer.weightDecay", 0.0)
                .with("epochs", 1L);
        List<Map<String, Double>> steps = new ArrayList<>();
        try (TrainingJob job = trial.open(folder)) {
            for (long step = 0; step < job.totalSteps(); step++) {
                steps.add(job.step(step));
            }
        }
        assertThat(steps)
                .anySatisfy(step -> assertThat(step)
                        .containsEntry("train/batch_without_truth", 1.0)
                        .containsEntry("train/loss", 1.0)
                        .containsEntry("train/grad_norm", 0.0));
        assertThat(steps).anySatisfy(step -> assertThat(step).doesNotContainKey("train/batch_without_truth"));
    }

    @Test
    void anAnswerThatCallsNothingOnScoresNothingOnPositives() throws IOException {
        DataSet data = siim();
        try (TrainingJob job = trial(data)
                .with("images", "all")
                .with("epochs", 1L)
                .with("learningRate", 1e-9)
                .open(folder)) {
            TrainState state = job.copyState();
            List<HostTensor> weights = new ArrayList<>();
            for (HostTensor tensor : state.weights()) {
                boolean isBias = tensor.name().equals("segmentationHead.bias");
                weights.add(
                        isBias
                                ? GoldenFixture.host(tensor.name(), ElementType.F32, List.of(1L), new double[] {-1e4})
                                : tensor);
            }
            job.loadState(
                    Position.START,
                    TrainState.ofWeights(weights)
                            .with(TrainState.OPTIMIZER, state.optimizer())
                            .with("best", state.section("best"))
                            .with("selection", state.section("selection")));
            Map<String, Double> last = Map.of();
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
            assertThat(last).containsEntry("test/dice-positives", 0.0);
            assertThat(last.get("test/dice")).isEqualTo(last.get("test/dice-empty"), within(0.0));
            assertThat(last.values()).allMatch(Double::isFinite);
        }
    }

    /** The rule of a pixel is that of the loss's paper. */
    @Test
    void theEncoderOfAPretrainingDecidesPlanesSizesAndOnWishTheNormalisation() throws IOException {
        DataSet data = siim();
        ImageEncoder sizes = new ImageEncoder(List.of(1, 1, 1, 1), 2, 3);
        PretrainedEncoder given = new PretrainedEncoder("sense-1", sizes, Normalization.RGB, null);
        TestingTrial trial = new TestingTrial(new SegmentationTask())
                .on(data)
                .with("imageSize", 32L)
                .with("normalization", "encoder")
                .with("batchSize", 8L)
                .with("epochs", 1L)
                .with("model.decoder", List.of(8L, 6L, 4L, 4L, 2L))
                .from(given, new EncoderWeights.Random());
        SegmentationInput input = new SegmentationInput(trial.input());
        assertThat(input.encoder()).isEqualTo(sizes);
        assertThat(input.normalization(split(trial).rows(Split.TRAIN))).isSameAs(Normalization.RGB);
        assertThat(trial.train(folder)).containsKey("test/dice");
        assertRefused(() -> trial.with("model.width", 4L).check(), ErrorCode.INVALID_SPEC, "model.width", "4", "2");
    }

    @Test
    void aSetWithoutMasksIsRefused() throws IOException {
        DataSet data = new TestingImages(folder.resolve("rsna"), SourceSet.RSNA, 40, 32, 32).write();
        assertRefused(() -> trial(data).check(), ErrorCode.INVALID_SPEC, "rsna", "no masks", "siim");
    }

    @Test
    void anImageWithoutAMaskIsRefused() throws IOException {
        DataSet data = siim(60, 32, 59, 32);
        assertRefused(() -> trial(data).check(), ErrorCode.INVALID_DATA, "[59, 32, 32]", "[60, 32, 32]", "ingest");
    }

    @Test
    void aMaskOfAnotherSizeIsRefused() throws IOException {
        DataSet data = siim(60, 32, 60, 16);
        assertRefused(() -> trial(data).check(), ErrorCode.INVALID_DATA, "[60, 16, 16]", "[60, 32, 32]");
    }

    @Test
    void imagesWithAMarginAreRefused() throws IOException {
        DataSet data = new TestingImages(folder.resolve("margin"), SourceSet.SIIM, 60, 40, 32)
                .withMasks(60, 32)
                .write(List.of("Pneumothorax"), TestingImages::label);
        assertRefused(() -> trial(data).check(), ErrorCode.INVALID_SPEC, "margin", "40", "32");
    }

    @Test
    void anotherSideIsRefused() throws IOException {
        DataSet data = siim();
        assertRefused(
                () -> trial(data).with("imageSize", 64L).check(),
                ErrorCode.INVALID_SPEC,
                "imageSize is 64",
                "ingested with 32");
        DataSet odd = siim(60, 48, 60, 48);
        assertRefused(() -> trial(odd).check(), ErrorCode.INVALID_SPEC, "imageSize is 48", "32 pixels", "multiple");
    }

    @Test
    void aFoldOfASplitWithoutFoldsIsRefused() throws IOException {
        DataSet data = siim();
        for (String split : List.of("held-out", "ratio-622")) {
            TestingTrial trial = trial(data).with("split", split).with("batchSize", 9L);
            trial.check();
            assertRefused(() -> trial.with("fold", 1L).check(), ErrorCode.INVALID_SPEC, "fold is 1", split, "no folds");
        }
        trial(data).with("split", "folds").with("fold", 4L).check();
        assertThat(SCHEMA.find("fold").orElseThrow().type()).isEqualTo(new ParameterType.Whole(0, 4));
    }

    @Test
    void aLastBatchOfOneImageOfOneCellIsRefused() throws IOException {
        DataSet data = siim();
        long train = split(trial(data)).rows(Split.TRAIN).size();
        assertRefused(
                () -> trial(data).with("batchSize", train - 1).check(),
                ErrorCode.INVALID_SPEC,
                "batchSize is " + (train - 1),
                train + " training images",
                "BatchNorm");
        trial(data).with("batchSize", train).check();
        trial(data).with("batchSize", train + 7).check();
        assertRefused(() -> trial(data).with("batchSize", 1L).check(), ErrorCode.INVALID_SPEC, "batchSize is 1");
        DataSet larger = siim(60, 64, 60, 64);
        Map<String, Double> last = trial(larger).with("batchSize", train - 1).train(folder);
        assertThat(last.values()).allMatch(Double::isFinite);
    }

    @Test
    void partsWithoutAMaskAreRefused() throws IOException {
        DataSet few = new TestingImages(folder.resolve("few"), SourceSet.SIIM, 60, 32, 32)
                .withMasks(60, 32)
                .write(List.of("Pneumothorax"), (row, label) -> row == 7 ? 1 : 0);
        assertRefused(() -> trial(few).check(), ErrorCode.INVALID_DATA, "1 images", "have a mask", "at least 5");
        List<String> parts = new ArrayList<>();
        for (long seed = 0; seed < 30; seed++) {
            TestingTrial trial = trial(few).with("images", "all").with("splitSeed", seed);
            assertThatThrownBy(trial::check).isInstanceOfSatisfying(PerduraException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA);
                parts.add(String.valueOf(e.getMessage()).replaceAll(".* of part (\\w+) has a mask.*", "$1"));
            });
        }
        assertThat(parts).contains("train", "validation").isSubsetOf("train", "validation");
    }

    private static void assertRefused(ThrowingCallable call, ErrorCode code, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContainingAll(parts);
    }
}
