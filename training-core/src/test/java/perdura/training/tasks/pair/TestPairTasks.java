package perdura.training.tasks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.SourceSet;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.golden.TestingMimic;
import perdura.training.loop.TrainingJob;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.LearningRateFactors;
import perdura.training.methods.prior.spec.StageSpec.LossWeights;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingPrior;
import perdura.training.tasks.TestingTrial;

/** Zero-shot classification and retrieval on a synthetic set, by a model that has learned nothing. */
class TestPairTasks {
    @TempDir
    private static Path folder;

    private static DataSet learned;
    private static DataSet data;
    private static TestingPrior prior;
    private static EncoderWeights.OfCheckpoint weights;

    @BeforeAll
    static void prepare() {
        learned = TestingPrior.ingest(folder, 40, 3);
        data = TestingPrior.ingest(folder, 260, 4);
        prior = new TestingPrior(folder, learned, 2, DataSpec.Split.TRAIN);
        weights = prior.weights();
    }

    private static TestingTrial zeroShot() {
        return new TestingTrial(new ZeroShotTask())
                .on(data)
                .from(prior.given(), weights)
                .with("perClass", 2L)
                .with("batchSize", 3L);
    }

    private static TestingTrial retrieval() {
        return new TestingTrial(new RetrievalTask())
                .on(data)
                .on("reports", data)
                .from(prior.given(), weights)
                .with("perClass", 2L)
                .with("reportsPerClass", 3L)
                .with("batchSize", 3L);
    }

    private static TestingTrial trial(String task) {
        return task.equals("zero-shot") ? zeroShot() : retrieval();
    }

    private static Path artifacts() {
        return folder.resolve("artifacts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-shot", "retrieval"})
    void twoEvaluationsOfACheckpointGiveIdenticalAnswers(String task) {
        assertThat(ended(trial(task))).isEqualTo(ended(trial(task)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-shot", "retrieval"})
    void oneThatIsTakenUpAfterAnyStepEndsTheSame(String task) {
        Ended undisturbed = ended(trial(task));
        assertThat(undisturbed.steps).isEqualTo(4);
        for (long stop = 0; stop < undisturbed.steps; stop++) {
            TrainState state;
            try (TrainingJob job = trial(task).open(artifacts())) {
                run(job, 0, stop);
                state = job.copyState();
            }
            try (TrainingJob job = trial(task).open(artifacts(), 2)) {
                job.loadState(job.positionAfter(stop), state);
                assertThat(ended(job, stop)).as("stopped after %d steps", stop).isEqualTo(undisturbed);
            }
        }
    }

    private record Ended(long steps, String digest, Map<String, Double> metrics) {}

    private static Ended ended(TestingTrial trial) {
        try (TrainingJob job = trial.open(artifacts())) {
            return ended(job, 0);
        }
    }

    private static Ended ended(TrainingJob job, long from) {
        Map<String, Double> last = run(job, from, job.totalSteps());
        String digest = StateDigest.of(job.positionAfter(job.totalSteps()), job.copyState());
        return new Ended(job.totalSteps(), digest, last);
    }

    private static Map<String, Double> run(TrainingJob job, long from, long until) {
        Map<String, Double> last = Map.of();
        for (long step = from; step < until; step++) {
            assertThat(job.positionAfter(step).epoch()).isZero();
            last = job.step(step);
        }
        return last;
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-shot", "retrieval"})
    void everyMetricOfTheSchemaIsReportedOnEveryPart(String task) {
        Map<String, Double> metrics = trial(task).train(artifacts());
        List<String> names = new ArrayList<>(
                trial(task).input().trial().task().equals("zero-shot")
                        ? new ZeroShotTask().schema().metrics()
                        : new RetrievalTask().schema().metrics());
        names.remove("precision_at_100"); // there are 15 reports
        names.remove("kappa"); // may have no value
        for (String name : names) {
            assertThat(metrics)
                    .containsKeys(
                            "validation/" + name, "best/validation/" + name, "test/" + name, "test/" + name + "_w0.5")
                    .containsEntry("test/" + name, metrics.get("validation/" + name));
        }
        assertThat(metrics).containsEntry("evaluated/images", 10.0).containsEntry("best/epoch", 0.0);
        assertThat(metrics).containsEntry("evaluated/texts", task.equals("zero-shot") ? 5.0 : 15.0);
    }

    @Test
    void accuracyIsTheShareOfTheImagesWhoseKeptAnswerIsTheirFinding() {
        TestingTrial trial = zeroShot().with("perClass", 4L);
        try (TrainingJob job = trial.open(artifacts())) {
            Map<String, Double> metrics = run(job, 0, job.totalSteps());
            Map<String, HostTensor> state = new TreeMap<>();
            job.copyState().section("answers").forEach(tensor -> state.put(tensor.name(), tensor));
            long[] rows = numbers(state, "images");
            long[] kept = numbers(state, "kept");
            FindingClasses classes = FindingClasses.of(data, "dataset");
            int width = kept.length / rows.length;
            double right = IntStream.range(0, rows.length)
                    .filter(i -> kept[i * width] == classes.of((int) rows[i]))
                    .count();
            assertThat(rows).hasSize(20);
            assertThat(metrics.get("test/accuracy")).isCloseTo(right / rows.length, within(1e-12));
        }
    }

    private static long[] numbers(Map<String, HostTensor> state, String name) {
        HostTensor tensor = Objects.requireNonNull(state.get(name));
        return StateNumbers.readWhole(
                name, List.of(tensor), tensor.shape().get(0).intValue());
    }

    @Test
    void halfValidatesAndTheOtherHalfTests() {
        Map<String, Double> whole = zeroShot().train(artifacts());
        Map<String, Double> halves = zeroShot().with("validation", "half").train(artifacts());
        double mean = (value(halves, "validation/accuracy") + value(halves, "test/accuracy")) / 2;
        assertThat(mean).isCloseTo(value(whole, "test/accuracy"), within(1e-12));
    }

    private static double value(Map<String, Double> metrics, String key) {
        return metrics.getOrDefault(key, Double.NaN);
    }

    @Test
    void theIdsAreLeftForPeople() throws IOException {
        TestingTrial trial = retrieval().with("reportsPerClass", 6L);
        trial.open(artifacts()).close();
        assertThat(trial.files()).containsOnlyKeys("sampling/images.json", "sampling/reports.json");
        JsonNode reports = new ObjectMapper()
                .readTree(Objects.requireNonNull(trial.files().get("sampling/reports.json"))
                        .toFile());
        assertThat(reports.get("parameters").get("perClass").asInt()).isEqualTo(6);
        FindingClasses classes = FindingClasses.of(data, "reports");
        for (int finding = 0; finding < FindingClasses.NAMES.size(); finding++) {
            List<String> splits = new ArrayList<>();
            for (JsonNode id : reports.get("ids").get(FindingClasses.NAMES.get(finding))) {
                int row = Math.toIntExact(data.find(id.asText()));
                assertThat(classes.of(row)).isEqualTo(finding);
                splits.add(data.split(row).equals("train") ? "withheld" : "held out");
            }
            assertThat(splits).hasSize(6).isSorted(); // those of the owner's own parts come first
        }
    }

    @Test
    void aSeedIsASampling() {
        assertThat(zeroShot().seed(1).input().trial())
                .isNotEqualTo(zeroShot().seed(2).input().trial());
        try (TrainingJob one = zeroShot().seed(1).open(artifacts());
                TrainingJob other = zeroShot().seed(2).open(artifacts())) {
            assertThat(one.copyState()).isNotEqualTo(other.copyState());
        }
    }

    @Test
    void anotherSamplingIsNotTakenUp() {
        try (TrainingJob one = zeroShot().seed(1).open(artifacts());
                TrainingJob other = zeroShot().seed(2).open(artifacts())) {
            TrainState state = one.copyState();
            assertThatThrownBy(() -> other.loadState(Position.START, state))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                    .hasMessage("tensor images names other rows than the trial's seed draws");
        }
    }

    @Test
    void reportsThatTheTrainingSawAreNoCandidates() {
        assertThat(new TestingTrial(new RetrievalTask())
                        .on(data)
                        .on("reports", learned)
                        .from(prior.given(), weights)
                        .with("perClass", 1L))
                .satisfies(trial -> assertRefused(
                        trial,
                        ErrorCode.INVALID_DATA,
                        "reports: data set .* of the 1000 samples that reportsPerClass asks for of each finding, shown alone"
                                + " and not seen by the pre-training; take a smaller reportsPerClass, a data set with more"
                                + " of them, or allowFewer: true"));
        TestingPrior sawAll = new TestingPrior(folder, learned, 3, DataSpec.Split.ALL);
        assertRefused(
                zeroShot().on(learned).from(sawAll.given(), weights).with("allowFewer", true),
                ErrorCode.INVALID_DATA,
                "dataset: data set .*: Atelectasis has 0, Cardiomegaly has 0, Consolidation has 0, Edema has 0, Pleural"
                        + " Effusion has 0 of the 2 samples .*");
    }

    @Test
    void tooFewReportsAreRefusedOrAsManyAsTheRarestFindingHasAreTaken() {
        assertThatThrownBy(() -> retrieval().with("reportsPerClass", 100L).check())
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                .hasMessageMatching(
                        "reports: data set .* \\(mimic-cxr\\): Atelectasis has \\d+, .*Pleural Effusion has \\d+ of"
                                + " the 100 samples that reportsPerClass asks for .*");
        Map<String, Double> metrics = retrieval()
                .with("reportsPerClass", 100L)
                .with("allowFewer", true)
                .train(artifacts());
        assertThat(value(metrics, "evaluated/texts")).isBetween(15.0, 100.0);
        assertThat(value(metrics, "evaluated/texts") % 5).isZero();
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnythingStarts(@TempDir Path other) throws IOException {
        DataSet small = new TestingImages(other.resolve("small"), SourceSet.CHEXPERT_5X200, 20, 32, 32)
                .write(FindingClasses.NAMES, (row, label) -> row % 5 == label ? 1 : 0);
        assertRefused(
                zeroShot().on(small),
                ErrorCode.INVALID_SPEC,
                "dataset: data set " + small.header().digest()
                        + " (chexpert-5x200) was ingested with 32, but the model of"
                        + " encoder stage 2 of run prior-1 takes images of 64 pixels; ingest it with --image-size 64");
        DataSet unlabelled = new TestingImages(other.resolve("rsna"), SourceSet.RSNA, 20, 64, 64).write();
        assertRefused(
                zeroShot().on(unlabelled),
                ErrorCode.INVALID_SPEC,
                "dataset: data set " + unlabelled.header().digest()
                        + " (rsna) has no labels of the five findings; take one"
                        + " of chexpert-5x200, chexpert, or mimic-cxr with its table of labels");
        DataSet images = fiveByFour(other.resolve("images"));
        assertRefused(
                retrieval().on("reports", images),
                ErrorCode.INVALID_SPEC,
                "reports: data set " + images.header().digest() + " (chexpert-5x200) has no reports; take mimic-cxr");
        assertRefused(
                zeroShot().with("perClass", 1L).with("validation", "half"),
                ErrorCode.INVALID_SPEC,
                "validation: half needs at least 2 images of each finding, there is 1; take a greater perClass, or"
                        + " validation: same");
    }

    @Test
    void anEncoderThatIsNoWholeModelIsRefused() {
        PretrainedEncoder alone =
                new PretrainedEncoder("rn50", new ImageEncoder(List.of(1, 1, 1, 1), 4, 1), Normalization.GREY, null);
        assertRefused(
                zeroShot().from(alone, weights),
                ErrorCode.INVALID_SPEC,
                "encoder rn50 has no text encoder beside it; task zero-shot takes a stage of a pre-training");
        assertRefused(
                zeroShot().from(prior.given(null), weights),
                ErrorCode.INVALID_DATA,
                "the data set that encoder stage 2 of run prior-1 learned is not in the artifact store, and with it its"
                        + " vocabulary and the list of what it has seen; ingest it again");
        StageSpec global = new StageSpec(
                1,
                1,
                5,
                2e-3,
                1e-4,
                0,
                List.of(),
                new LossWeights(1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                LearningRateFactors.ONE);
        PretrainedEncoder notLocal = new TestingPrior(folder, learned, List.of(global), DataSpec.Split.TRAIN).given();
        assertRefused(
                zeroShot().from(notLocal, weights),
                ErrorCode.INVALID_SPEC,
                "localWeight is 1.0, but no stage until stage 1 of run prior-1 trains local alignment; set localWeight: 0");
        zeroShot().from(notLocal, weights).with("localWeight", 0.0).check();
    }

    @Test
    void reportsOfAnotherVocabularyAreRefused(@TempDir Path other) throws IOException {
        DataSet reports = TestingMimic.ingest(
                new TestingMimic(other.resolve("mimic"))
                        .study("10", "50", "AP", "test")
                        .written(),
                other.resolve("artifacts"));
        assertRefused(
                retrieval().on("reports", reports),
                ErrorCode.INVALID_SPEC,
                "reports: data set " + reports.header().digest() + " (mimic-cxr) was cut by another vocabulary than the"
                        + " pre-training's data set " + learned.header().digest()
                        + "; ingest it with that one's vocab.txt");
        TestingPrior small = new TestingPrior(other, reports, 1, DataSpec.Split.TRAIN);
        assertRefused(
                zeroShot().from(small.given(), weights),
                ErrorCode.INVALID_SPEC,
                "no word of the prompt 'Atelectasis' is in the vocabulary of the pre-training");
    }

    @Test
    void aPromptThatDoesNotFitTheTextLengthIsRefused() {
        assertRefused(
                zeroShot().with("prompt", "report"),
                ErrorCode.INVALID_SPEC,
                "the prompt 'Atelectasis is observed. .*' has \\d+ pieces, model.textLength is 16; take a shorter prompt");
    }

    @Test
    void imagesOfA5x200SetAreAllTakenWhateverTheSeed(@TempDir Path other) throws IOException {
        DataSet images = fiveByFour(other);
        Map<String, Double> one =
                zeroShot().on(images).with("perClass", 4L).seed(1).train(artifacts());
        Map<String, Double> two =
                zeroShot().on(images).with("perClass", 4L).seed(2).train(artifacts());
        assertThat(one)
                .containsEntry("evaluated/images", 20.0)
                .containsEntry("test/accuracy", two.get("test/accuracy"));
    }

    private static DataSet fiveByFour(Path where) throws IOException {
        return new TestingImages(where, SourceSet.CHEXPERT_5X200, 20, TestingPrior.SIDE, TestingPrior.SIDE)
                .write(FindingClasses.NAMES, (row, label) -> row % 5 == label ? 1 : 0);
    }

    private static void assertRefused(TestingTrial trial, ErrorCode code, String message) {
        assertThatThrownBy(trial::check)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageMatching(message.contains(".*") ? message : Pattern.quote(message));
    }
}
