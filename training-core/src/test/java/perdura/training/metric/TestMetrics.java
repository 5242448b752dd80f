package perdura.training.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static perdura.testkit.GoldenCases.integers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import perdura.testkit.GoldenCases;

class TestMetrics {
    /** scikit-learn sums in another order. */
    private static final Offset<Double> EXACT = within(1e-9);

    @Test
    void binaryMetricsAgreeWithScikitLearn() {
        JsonNode cases = GoldenCases.read("prior/metrics_cases").get("binary");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            boolean[] labels = flags(c.get("labels"));
            assertRanking(c, "auroc", "average_precision", doubles(c.get("scores")), labels);
            BinaryCounts counts = BinaryCounts.of(flags(c.get("predictions")), labels);
            assertThat(counts.f1()).as(c.toString()).isCloseTo(number(c, "f1"), EXACT);
            assertThat(counts.accuracy()).as(c.toString()).isCloseTo(number(c, "accuracy"), EXACT);
        }
    }

    @Test
    void classMetricsAgreeWithScikitLearn() throws IOException {
        JsonNode golden = GoldenCases.read("prior/metrics_cases").get("multiclass");
        JsonNode own = own().get("classes");
        assertThat(golden).isNotEmpty();
        assertThat(own).isNotEmpty();
        golden.forEach(TestMetrics::assertClasses);
        own.forEach(TestMetrics::assertClasses);
    }

    private static void assertClasses(JsonNode c) {
        ConfusionMatrix matrix =
                ConfusionMatrix.of(c.get("classes").asInt(), integers(c.get("labels")), integers(c.get("predictions")));
        assertThat(matrix.accuracy()).as(c.toString()).isCloseTo(number(c, "accuracy"), EXACT);
        assertValue(c, "kappa", matrix.kappa());
        assertThat(matrix.macroPrecision()).as(c.toString()).isCloseTo(number(c, "macro_precision"), EXACT);
        assertThat(matrix.macroRecall()).as(c.toString()).isCloseTo(number(c, "macro_recall"), EXACT);
        assertThat(matrix.macroF1()).as(c.toString()).isCloseTo(number(c, "macro_f1"), EXACT);
    }

    /** scikit-learn's precision_recall_fscore_support of these labels and predictions, average=None, zero_division=0. */
    @Test
    void theMetricsOfAClassAgreeWithScikitLearn() {
        ConfusionMatrix matrix = ConfusionMatrix.of(
                4, new int[] {0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 0}, new int[] {0, 1, 0, 1, 2, 2, 2, 0, 2, 1, 2});
        double[] precision = {2 / 3.0, 1 / 3.0, 0.6, 0};
        double[] recall = {0.5, 0.5, 0.6, 0};
        double[] f1 = {4 / 7.0, 0.4, 0.6, 0};
        for (int c = 0; c < 4; c++) {
            assertThat(matrix.precision(c)).isCloseTo(precision[c], EXACT);
            assertThat(matrix.recall(c)).isCloseTo(recall[c], EXACT);
            assertThat(matrix.f1(c)).isCloseTo(f1[c], EXACT);
        }
    }

    @Test
    void precisionAtKAgreesWithTheReference() {
        JsonNode cases = GoldenCases.read("prior/metrics_cases").get("retrieval");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            int[] ks = StreamSupport.stream(((Iterable<String>) c::fieldNames).spliterator(), false)
                    .filter(name -> name.startsWith("precision_at_"))
                    .mapToInt(name -> Integer.parseInt(name.substring("precision_at_".length())))
                    .toArray();
            assertThat(ks).isNotEmpty();
            double[][] scores = matrix(c.get("scores"));
            double[] actual =
                    PrecisionAtK.of(scores, integers(c.get("query_labels")), integers(c.get("candidate_labels")), ks);
            for (int i = 0; i < ks.length; i++) {
                assertThat(actual[i]).as("K = %d", ks[i]).isCloseTo(number(c, "precision_at_" + ks[i]), EXACT);
            }
            assertHits(c, scores, ks);
        }
    }

    /** Query by query it comes to the same. */
    private static void assertHits(JsonNode c, double[][] scores, int[] ks) {
        int[] labels = integers(c.get("query_labels"));
        for (int i = 0; i < ks.length; i++) {
            int place = i;
            double mean = IntStream.range(0, scores.length)
                    .mapToDouble(query -> (double)
                                    PrecisionAtK.hits(
                                            scores[query], labels[query], integers(c.get("candidate_labels")), ks)[
                                            place]
                            / ks[place])
                    .average()
                    .orElseThrow();
            assertThat(mean).as("K = %d", ks[i]).isCloseTo(number(c, "precision_at_" + ks[i]), EXACT);
        }
    }

    @Test
    void zeroShotMetricsAgreeWithTheReference() {
        JsonNode cases = GoldenCases.read("sense/metrics_cases").get("zeroShot");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            double[] scores = doubles(c.get("scores"));
            boolean[] labels = flags(c.get("labels"));
            assertRanking(c, "auroc", "averagePrecision", scores, labels);
            BinaryCounts atZero = BinaryCounts.above(scores, labels, 0);
            assertThat(atZero.accuracy()).as(c.toString()).isCloseTo(number(c, "accuracy"), EXACT);
            assertThat(atZero.f1()).as(c.toString()).isCloseTo(number(c, "f1"), EXACT);
            RankedScores.Threshold best = RankedScores.of(
                            doubles(c.get("validationScores")), flags(c.get("validationLabels")))
                    .bestThreshold();
            assertThat(best.threshold()).as(c.toString()).isEqualTo(number(c, "threshold"));
            assertThat(best.f1()).as(c.toString()).isCloseTo(number(c, "validationF1"), EXACT);
            BinaryCounts atBest = BinaryCounts.atLeast(scores, labels, best.threshold());
            assertThat(atBest.accuracy()).as(c.toString()).isCloseTo(number(c, "accuracyAtThreshold"), EXACT);
            assertThat(atBest.f1()).as(c.toString()).isCloseTo(number(c, "f1AtThreshold"), EXACT);
            Map<String, Double> all = BinaryZeroShot.metrics(scores, labels, best.threshold());
            assertThat(all.get("accuracy_at_threshold")).isEqualTo(atBest.accuracy());
            assertThat(all.get("f1")).isEqualTo(atZero.f1());
            assertThat(all.getOrDefault("undefined", 0.0))
                    .isEqualTo((c.get("auroc").isNull() ? 1.0 : 0)
                            + (c.get("averagePrecision").isNull() ? 1 : 0));
        }
    }

    @Test
    void pairRetrievalAgreesWithTheReference() {
        JsonNode cases = GoldenCases.read("sense/metrics_cases").get("retrieval");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            double[][] scores = matrix(c.get("scores"));
            int[] each = IntStream.range(0, scores.length).toArray();
            PairRetrieval pairs = PairRetrieval.of(buffer(scores, each), scores.length, each);
            assertRanks(c.get("imageToReport"), pairs.imageToReport());
            assertRanks(c.get("reportToImage"), pairs.reportToImage());
            int[] texts = integers(c.get("texts"));
            int[] distinct = IntStream.of(texts).distinct().toArray();
            int[] columns = IntStream.of(distinct)
                    .map(text -> IntStream.range(0, texts.length)
                            .filter(i -> texts[i] == text)
                            .findFirst()
                            .orElseThrow())
                    .toArray();
            int[] textOf = IntStream.of(texts)
                    .map(text -> IntStream.range(0, distinct.length)
                            .filter(i -> distinct[i] == text)
                            .findFirst()
                            .orElseThrow())
                    .toArray();
            PairRetrieval merged = PairRetrieval.of(buffer(scores, columns), columns.length, textOf);
            assertRanks(c.get("merged").get("imageToReport"), merged.imageToText());
            assertRanks(c.get("merged").get("reportToImage"), merged.textToImage());
        }
    }

    private static void assertRanks(JsonNode expected, PairRetrieval.Ranks actual) {
        assertThat(actual.toArray()).containsExactly(integers(expected.get("ranks")));
        for (int k : new int[] {1, 5, 10}) {
            assertThat(100 * actual.recallAt(k)).isCloseTo(number(expected, "recall" + k), EXACT);
        }
        if (expected.has("medianRank")) {
            assertThat(actual.median()).isEqualTo(number(expected, "medianRank"));
        }
    }

    /** Equal reports are equal columns for the direct rule: what the texts' own images score does not depend on how often a text occurs. */
    @Test
    void aTextOfSeveralImagesRanksAsIfEachImageHadItsOwnEqualColumn() {
        int[] textOf = {0, 1, 0, 2, 1, 0};
        double[][] distinct = new double[6][3];
        double[][] expanded = new double[6][6];
        for (int i = 0; i < 6; i++) {
            for (int text = 0; text < 3; text++) {
                distinct[i][text] = (i * 5 + text * 3) % 7 / 8.0;
            }
            for (int pair = 0; pair < 6; pair++) {
                expanded[i][pair] = distinct[i][textOf[pair]];
            }
        }
        int[] each = IntStream.range(0, 6).toArray();
        PairRetrieval merged = PairRetrieval.of(buffer(distinct, new int[] {0, 1, 2}), 3, textOf);
        PairRetrieval alone = PairRetrieval.of(buffer(expanded, each), 6, each);
        assertThat(merged.imageToReport().toArray())
                .containsExactly(alone.imageToReport().toArray());
        assertThat(merged.reportToImage().toArray())
                .containsExactly(alone.reportToImage().toArray());
        assertThat(merged.recallSum()).isEqualTo(alone.recallSum());
        assertThat(merged.metrics())
                .containsEntry(
                        "image_to_report_recall_at_1", merged.imageToReport().recallAt(1))
                .containsEntry(
                        "report_to_image_median_rank_merged",
                        merged.textToImage().median())
                .containsEntry("recall_sum", merged.recallSum())
                .hasSize(17);
    }

    @Test
    void labelAgreementAgreesWithTheReference() {
        JsonNode cases = GoldenCases.read("sense/metrics_cases").get("nmi");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            int[] a = integers(c.get("a"));
            int[] b = integers(c.get("b"));
            assertThat(LabelAgreement.normalizedMutualInformation(a, b)).isCloseTo(number(c, "nmi"), EXACT);
            int[] renumbered = IntStream.of(b).map(label -> 7 - 3 * label).toArray();
            assertThat(LabelAgreement.normalizedMutualInformation(renumbered, a))
                    .isCloseTo(number(c, "nmi"), EXACT);
        }
        assertThat(LabelAgreement.normalizedMutualInformation(new int[3], new int[] {0, 1, 2}))
                .isZero();
    }

    @Test
    void manySamplesAgreeWithScikitLearn() throws IOException {
        for (JsonNode c : own().get("many")) {
            int n = c.get("n").asInt();
            double[] scores = IntStream.range(0, n)
                    .mapToDouble(i -> i * 7919L % 104729 % c.get("levels").asInt() / 16.0)
                    .toArray();
            boolean[] labels = new boolean[n];
            for (int i = 0; i < n; i++) {
                labels[i] = (long) i * i * 31 % 97 < c.get("below").asInt();
            }
            assertRanking(c, "auroc", "average_precision", scores, labels);
            assertThat(RankedScores.of(scores, labels).bestThreshold().f1())
                    .as(c.toString())
                    .isCloseTo(number(c, "best_f1"), EXACT);
        }
    }

    @Test
    void signedZerosAreOneThreshold() throws IOException {
        for (JsonNode c : own().get("binary")) {
            boolean[] labels = flags(c.get("labels"));
            RankedScores ranked = RankedScores.of(doubles(c.get("scores")), labels);
            assertValue(c, "auroc", ranked.auroc());
            if (IntStream.range(0, labels.length).anyMatch(i -> labels[i])) {
                assertValue(c, "average_precision", ranked.averagePrecision());
            } else { // scikit-learn warns, and says 0
                assertThat(ranked.averagePrecision().find()).isEmpty();
            }
        }
    }

    @Test
    void whatOneClassCannotTellIsSaid() {
        RankedScores negatives = RankedScores.of(new double[] {1, 2}, new boolean[2]);
        assertThat(negatives.auroc().undefined())
                .isEqualTo("AUROC needs both classes, there are 0 positive and 2 negative samples");
        assertThat(negatives.averagePrecision().undefined())
                .isEqualTo("average precision needs a positive sample, all 2 are negative");
        assertThat(negatives.bestThreshold()).isEqualTo(new RankedScores.Threshold(2, 0));
        assertThat(ConfusionMatrix.of(3, new int[] {2, 2}, new int[] {2, 2})
                        .kappa()
                        .undefined())
                .isEqualTo("kappa needs two classes, all labels and predictions are class 2");
    }

    @Test
    void amongEqualScoresTheLowerIndexIsTaken() {
        double[][] scores = {{0.0, 1, -0.0, 0.0}};
        int[] candidates = {5, 6, 5, 7};
        assertThat(PrecisionAtK.of(scores, new int[] {5}, candidates, 1, 2, 3, 4))
                .containsExactly(0, 0.5, 2.0 / 3, 0.5);
        assertThat(PrecisionAtK.of(scores, new int[] {7}, candidates, 3)).containsExactly(0);
    }

    @Test
    void whatIsNoNumberOrNoClassIsRefused() {
        assertThatThrownBy(() -> RankedScores.of(new double[] {1, Double.NaN}, new boolean[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("score 1", "NaN");
        assertThatThrownBy(() -> RankedScores.of(new double[0], new boolean[0]))
                .hasMessageContainingAll("label", ">= 1", "0 for 0");
        assertThatThrownBy(() -> ConfusionMatrix.of(2, new int[] {0, 2}, new int[] {0, 0}))
                .hasMessageContainingAll("classes", "sample 1", "[0, 2)", "were 2", "and 0");
        assertThatThrownBy(() -> PrecisionAtK.of(new double[][] {{1, 2}}, new int[] {0}, new int[] {0, 1}, 3))
                .hasMessageContainingAll("K", "[1, 2]", "was 3");
        assertThatThrownBy(() -> PrecisionAtK.of(new double[][] {{1, Double.NaN}}, new int[] {0}, new int[] {0, 1}, 1))
                .hasMessageContainingAll("query 0", "score 1", "NaN");
        assertThatThrownBy(() -> PairRetrieval.of(FloatBuffer.wrap(new float[] {1, Float.NaN}), 1, new int[2]))
                .hasMessageContainingAll("image 1", "score 0", "NaN");
        assertThatThrownBy(() -> PairRetrieval.of(FloatBuffer.allocate(3), 2, new int[2]))
                .hasMessageContainingAll("[2, 2]", "were 3");
        assertThatThrownBy(() -> PairRetrieval.of(FloatBuffer.allocate(2), 1, new int[] {0, 1}))
                .hasMessageContainingAll("image 1", "[0, 1)", "was 1");
        assertThatThrownBy(() -> PairRetrieval.of(FloatBuffer.allocate(2), 2, new int[1]))
                .hasMessageContainingAll("text 1", "no image");
        assertThatThrownBy(() -> LabelAgreement.normalizedMutualInformation(new int[2], new int[1]))
                .hasMessageContainingAll("2 and 1");
        assertThatThrownBy(() -> BinaryCounts.of(new boolean[2], new boolean[1]))
                .hasMessageContainingAll("label", ">= 1", "1 for 2");
        assertThatThrownBy(() -> new MetricValue(1, "why")).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertRanking(
            JsonNode c, String auroc, String averagePrecision, double[] scores, boolean[] labels) {
        RankedScores ranked = RankedScores.of(scores, labels);
        assertValue(c, auroc, ranked.auroc());
        assertValue(c, averagePrecision, ranked.averagePrecision());
    }

    /** A null in the table stands for undefined. */
    private static void assertValue(JsonNode c, String name, MetricValue actual) {
        if (c.get(name).isNull()) {
            assertThat(actual.find()).as("%s of %s", name, c).isEmpty();
            assertThat(actual.undefined()).isNotBlank();
        } else {
            assertThat(actual.number()).as("%s of %s", name, c).isCloseTo(number(c, name), EXACT);
        }
    }

    private static double number(JsonNode c, String name) {
        assertThat(c.get(name).isNumber()).as("%s of %s", name, c).isTrue();
        return c.get(name).asDouble();
    }

    private static boolean[] flags(JsonNode array) {
        boolean[] flags = new boolean[array.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = array.get(i).asInt() == 1;
        }
        return flags;
    }

    private static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static double[][] matrix(JsonNode rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(TestMetrics::doubles)
                .toArray(double[][]::new);
    }

    /** Some columns of a matrix, row after row. */
    private static FloatBuffer buffer(double[][] scores, int[] columns) {
        FloatBuffer buffer = FloatBuffer.allocate(scores.length * columns.length);
        for (double[] row : scores) {
            for (int column : columns) {
                buffer.put((float) row[column]);
            }
        }
        return buffer.flip();
    }

    private static JsonNode own() throws IOException {
        try (InputStream in = TestMetrics.class.getResourceAsStream("metrics.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }
}
