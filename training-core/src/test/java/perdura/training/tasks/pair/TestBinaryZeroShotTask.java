package perdura.training.tasks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.BinaryZeroShot;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingPrior;
import perdura.training.tasks.TestingTrial;

/** Zero-shot classification of one finding on made-up images, by a model that has learned nothing. */
class TestBinaryZeroShotTask {
    @TempDir
    private static Path folder;

    private static DataSet rsna;
    private static TestingPrior prior;
    private static EncoderWeights.OfCheckpoint weights;

    @BeforeAll
    static void prepare() throws IOException {
        DataSet learned = TestingPrior.ingest(folder, 40, 3);
        prior = new TestingPrior(folder, learned, 1, DataSpec.Split.TRAIN);
        weights = prior.weights();
        rsna = images("rsna", SourceSet.RSNA);
    }

    private static DataSet images(String name, SourceSet set) throws IOException {
        return new TestingImages(folder.resolve(name), set, 80, TestingPrior.SIDE, TestingPrior.SIDE)
                .write(List.of("finding"), (row, label) -> TestingImages.label(row, 0));
    }

    private static TestingTrial trial() {
        return new TestingTrial(new BinaryZeroShotTask())
                .on(rsna)
                .from(prior.given(), weights)
                .with("positivePrompt", "there is an effusion")
                .with("negativePrompt", "there is no effusion")
                .with("batchSize", 5L);
    }

    private static Path artifacts() {
        return folder.resolve("artifacts");
    }

    /** 70/15/15 of 80: 24 held out, 12 and 12. */
    @Test
    void theMetricsAreThoseOfTheKeptCosinesAndTheirThresholdIsChosenOnValidation() {
        try (TrainingJob job = trial().open(artifacts())) {
            assertThat(job.totalSteps()).isEqualTo(6);
            Map<String, Double> metrics = Map.of();
            for (long step = 0; step < 6; step++) {
                metrics = job.step(step);
            }
            List<HostTensor> state = job.copyState().section("answers");
            long[] rows = StateNumbers.readWhole("test.rows", state, 12);
            HostTensor kept = state.stream()
                    .filter(tensor -> tensor.name().equals("test.cosines"))
                    .findFirst()
                    .orElseThrow();
            FloatBuffer cosines =
                    kept.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            double right = 0;
            double rightAtThreshold = 0;
            double threshold = metrics.getOrDefault("best/threshold", Double.NaN);
            for (int i = 0; i < 12; i++) {
                double score = (double) cosines.get(2 * i) - cosines.get(2 * i + 1);
                boolean truth = TestingImages.label((int) rows[i], 0) == 1;
                right += score > 0 == truth ? 1 : 0;
                rightAtThreshold += score >= threshold == truth ? 1 : 0;
            }
            assertThat(metrics)
                    .containsEntry("test/accuracy", right / 12)
                    .containsEntry("test/accuracy_at_threshold", rightAtThreshold / 12);
            for (String metric : BinaryZeroShot.METRICS) {
                assertThat(metrics)
                        .containsKeys("test/" + metric)
                        .containsEntry("best/validation/" + metric, metrics.get("validation/" + metric));
            }
            assertThat(metrics.get("validation/f1_at_threshold")).isGreaterThanOrEqualTo(metrics.get("validation/f1"));
        }
    }

    @Test
    void oneThatIsTakenUpEndsTheSame() {
        Map<String, Double> whole = trial().train(artifacts());
        TrainState state;
        try (TrainingJob job = trial().open(artifacts())) {
            for (long step = 0; step < 4; step++) {
                job.step(step);
            }
            state = job.copyState();
        }
        try (TrainingJob job = trial().open(artifacts(), 2)) {
            job.loadState(job.positionAfter(4), state);
            job.step(4);
            assertThat(job.step(5)).isEqualTo(whole);
        }
    }

    @Test
    void aPromptWithAWordThatTheVocabularyLacksIsRefused() {
        assertRefused(
                trial().with("positivePrompt", "there is an effusion \u2603"),
                "turns '\u2603' of the prompt 'there is an effusion \u2603' into [UNK]");
        assertRefused(trial().with("negativePrompt", "no \u00df effusion"), "'\u00df'", "[UNK]");
    }

    @Test
    void onlyRsnaHasPromptsOfItsOwn() throws IOException {
        DataSet siim = images("siim", SourceSet.SIIM);
        TestingTrial asked = new TestingTrial(new BinaryZeroShotTask()).on(siim).from(prior.given(), weights);
        assertRefused(
                asked,
                "positivePrompt must be given for data set " + siim.header().digest() + " (siim)");
        asked.with("positivePrompt", "effusion")
                .with("negativePrompt", "no effusion")
                .check();
    }

    @Test
    void aSetWithSeveralLabelsIsRefused() throws IOException {
        DataSet two = new TestingImages(folder.resolve("two"), SourceSet.RSNA, 40, 64, 64).write();
        assertRefused(trial().on(two), "(rsna) has 2 labels; zero-shot-binary asks one question");
        assertRefused(trial().with("split", "chexpert-prior"), "split: chexpert-prior is one of chexpert");
    }

    private static void assertRefused(TestingTrial trial, String... words) {
        assertThatThrownBy(trial::check)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll(words);
    }
}
