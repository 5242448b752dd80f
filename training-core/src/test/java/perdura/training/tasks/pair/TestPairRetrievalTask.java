package perdura.training.tasks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
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
import perdura.training.golden.TestingMimic;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.PairRetrieval;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TestingImages;
import perdura.training.tasks.TestingPrior;
import perdura.training.tasks.TestingTrial;

/** Retrieval of pairs on a synthetic set, by a model that has learned nothing. */
class TestPairRetrievalTask {
    @TempDir
    private static Path folder;

    private static DataSet data;
    private static TestingPrior prior;
    private static EncoderWeights.OfCheckpoint weights;

    @BeforeAll
    static void prepare() {
        data = TestingPrior.ingest(folder, 160, 5);
        prior = new TestingPrior(folder, data, 1, DataSpec.Split.TRAIN);
        weights = prior.weights();
    }

    private static TestingTrial trial() {
        return new TestingTrial(new PairRetrievalTask())
                .on(data)
                .from(prior.given(), weights)
                .with("batchSize", 7L);
    }

    private static Path artifacts() {
        return folder.resolve("artifacts");
    }

    private static int[] rows(String owners) {
        return IntStream.range(0, (int) data.size())
                .filter(row -> data.split(row).equals(owners))
                .toArray();
    }

    /** Expands equal reports to columns of their own and ranks by brute force. */
    @Test
    void theMetricsAreThoseOfEveryImageOfThePartWithTheReportOfItsStudy() {
        try (TrainingJob job = trial().open(artifacts())) {
            Map<String, Double> metrics = run(job, 0, job.totalSteps());
            List<HostTensor> state = job.copyState().section("answers");
            for (String part : List.of("validation", "test")) {
                List<Integer> expected = new ArrayList<>();
                for (int row : rows(part.equals("test") ? "test" : "validate")) {
                    expected.addAll(Collections.nCopies(data.imageCount(row), row));
                }
                HostTensor cosines = tensor(state, part + ".cosines");
                int images = cosines.shape().get(0).intValue();
                int texts = cosines.shape().get(1).intValue();
                long[] rows = StateNumbers.readWhole(part + ".rows", state, images);
                assertThat(rows)
                        .containsExactly(expected.stream().mapToLong(row -> row).toArray());
                List<List<Integer>> reports = new ArrayList<>();
                for (long row : rows) {
                    reports.add(IntStream.range(0, data.sentenceCount(row))
                            .mapToObj(k -> data.sentence(row, k))
                            .toList());
                }
                List<List<Integer>> distinct = reports.stream().distinct().toList();
                assertThat(texts).isEqualTo(distinct.size());
                FloatBuffer table = cosines.data()
                        .duplicate()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
                assertThat(table.get(0)).isNotZero();
                FloatBuffer expanded = FloatBuffer.allocate(images * images);
                for (int i = 0; i < images; i++) {
                    for (List<Integer> report : reports) {
                        expanded.put(table.get(i * texts + distinct.indexOf(report)));
                    }
                }
                PairRetrieval alone = PairRetrieval.of(
                        expanded.flip(), images, IntStream.range(0, images).toArray());
                for (String metric : PairRetrieval.METRICS) {
                    assertThat(metrics).containsKeys(part + "/" + metric, "best/validation/" + metric);
                    if (!metric.endsWith("_merged")) {
                        assertThat(metrics)
                                .containsEntry(
                                        part + "/" + metric, alone.metrics().get(metric));
                    }
                }
                assertThat(metrics).containsEntry("evaluated/" + part + "_images", (double) images);
            }
            assertThat(metrics).containsEntry("best/validation/recall_sum", metrics.get("validation/recall_sum"));
        }
    }

    private static HostTensor tensor(List<HostTensor> state, String name) {
        return state.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Double> run(TrainingJob job, long from, long until) {
        Map<String, Double> last = Map.of();
        for (long step = from; step < until; step++) {
            last = job.step(step);
        }
        return last;
    }

    @Test
    void oneThatIsTakenUpAfterAnyStepEndsTheSame() {
        TrainState whole;
        Map<String, Double> metrics;
        long steps;
        try (TrainingJob job = trial().open(artifacts())) {
            steps = job.totalSteps();
            metrics = run(job, 0, steps);
            whole = job.copyState();
        }
        assertThat(steps).isGreaterThan(3);
        for (long stop : new long[] {0, 1, steps - 1}) {
            TrainState state;
            try (TrainingJob job = trial().open(artifacts())) {
                run(job, 0, stop);
                state = job.copyState();
            }
            try (TrainingJob job = trial().seed(9).open(artifacts(), 2)) {
                job.loadState(job.positionAfter(stop), state);
                assertThat(run(job, stop, steps)).as("stopped after %d", stop).isEqualTo(metrics);
                assertThat(job.copyState()).isEqualTo(whole);
            }
        }
    }

    @Test
    void aStateOfOtherRowsIsNotTakenUp(@TempDir Path other) {
        DataSet more = TestingPrior.ingest(other, 170, 6);
        TestingTrial trial = new TestingTrial(new PairRetrievalTask())
                .on(more)
                .from(new TestingPrior(other, more, 1, DataSpec.Split.TRAIN).given(), weights);
        try (TrainingJob one = trial().open(artifacts());
                TrainingJob two = trial.open(other.resolve("artifacts"))) {
            TrainState state = one.copyState();
            assertThatThrownBy(() -> two.loadState(two.positionAfter(0), state))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED));
        }
    }

    @Test
    void aStateWithoutCosinesIsNotTakenUp() {
        try (TrainingJob job = trial().open(artifacts())) {
            List<HostTensor> answers = new ArrayList<>(job.copyState().section("answers"));
            answers.removeIf(tensor -> tensor.name().equals("test.cosines"));
            TrainState state = new TrainState(Map.of("answers", answers));
            assertThatThrownBy(() -> job.loadState(job.positionAfter(0), state))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                    .hasMessageContaining("test.cosines");
        }
    }

    @Test
    void theIdsAreLeftForPeople() throws IOException {
        TestingTrial trial = trial();
        trial.open(artifacts()).close();
        JsonNode pairs = new ObjectMapper()
                .readTree(Objects.requireNonNull(trial.files().get("sampling/pairs.json"))
                        .toFile());
        assertThat(pairs.get("ids").get("test")).hasSize(rows("test").length);
        assertThat(pairs.get("ids").get("validation")).hasSize(rows("validate").length);
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnythingStarts(@TempDir Path other) throws IOException {
        DataSet images = new TestingImages(other.resolve("rsna"), SourceSet.RSNA, 20, 64, 64).write();
        assertRefused(trial().on(images), ErrorCode.INVALID_SPEC, "dataset: data set", "(rsna) has no reports");
        DataSet trainOnly = TestingMimic.ingest(
                new TestingMimic(other.resolve("mimic"))
                        .study("10", "50", "AP", "train")
                        .written(),
                other.resolve("artifacts"));
        assertRefused(trial().on(trainOnly), ErrorCode.INVALID_SPEC, "dataset: data set", "another vocabulary");
        assertRefused(
                trial().from(new TestingPrior(folder, data, 1, DataSpec.Split.ALL).given(), weights),
                ErrorCode.INVALID_DATA,
                "has seen " + rows("validate").length + " of the " + rows("validate").length,
                "'validate'");
        TestingPrior small = new TestingPrior(other, trainOnly, 1, DataSpec.Split.TRAIN);
        DataSet small16 = trainOnly;
        assertRefused(
                trial().on(small16).from(small.given(), weights),
                ErrorCode.INVALID_SPEC,
                "was ingested with 16",
                "images of 64 pixels");
    }

    private static void assertRefused(TestingTrial trial, ErrorCode code, String... words) {
        assertThatThrownBy(trial::check)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContainingAll(words);
    }
}
