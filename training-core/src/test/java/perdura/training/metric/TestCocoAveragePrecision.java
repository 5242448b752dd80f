package perdura.training.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.testkit.GoldenCases;

class TestCocoAveragePrecision {
    private static final Offset<Double> EXACT = within(1e-9);

    /** An image: boxes x, y, width, height. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Image(double[] truth, double[] boxes, double[] scores) {}

    @Test
    void allCasesAgreeWithPycocotools() {
        JsonNode golden = GoldenCases.read("dense/map_cases");
        assertThat(CocoAveragePrecision.THRESHOLDS)
                .containsExactly(
                        StreamSupport.stream(golden.get("iouThresholds").spliterator(), false)
                                .map(JsonNode::asDouble)
                                .toArray(Double[]::new));
        assertThat(golden.get("cases")).isNotEmpty();
        for (JsonNode c : golden.get("cases")) {
            CocoAveragePrecision.Result actual =
                    of(StreamSupport.stream(c.get("images").spliterator(), false)
                            .map(image -> new Image(
                                    boxes(image.get("truth")), boxes(image.get("boxes")), doubles(image.get("scores"))))
                            .toList());
            String kind = c.get("kind").asText();
            assertValue(kind + " map", c.get("map"), actual.map());
            assertValue(kind + " ap50", c.get("ap50"), actual.ap50());
            assertValue(kind + " ap75", c.get("ap75"), actual.ap75());
            for (int t = 0; t < CocoAveragePrecision.THRESHOLDS.size(); t++) {
                assertValue(
                        kind + " " + t,
                        c.get("perThreshold").get(t),
                        actual.perThreshold().get(t));
            }
        }
    }

    /** A null in the table stands for undefined. */
    private static void assertValue(String name, JsonNode expected, MetricValue actual) {
        if (expected.isNull()) {
            assertThat(actual.find()).as(name).isEmpty();
        } else {
            assertThat(actual.number()).as(name).isCloseTo(expected.asDouble(), EXACT);
        }
    }

    /** Scores and sides of few values, so that ties of scores and of overlaps, and overlaps at a threshold, are common. */
    @Test
    void randomImagesAgreeWithASlowTranscriptOfTheRules() {
        RandomStream draws = Seeds.stream("average precision");
        int undefined = 0;
        for (int trial = 0; trial < 300; trial++) {
            List<Image> images = draw(draws, 1 + draws.bounded(6), trial % 10 == 0 ? 130 : 8);
            CocoAveragePrecision.Result actual = of(images);
            for (int t = 0; t < CocoAveragePrecision.THRESHOLDS.size(); t++) {
                MetricValue value = actual.perThreshold().get(t);
                double expected = Transcript.averagePrecision(images, CocoAveragePrecision.THRESHOLDS.get(t));
                if (Double.isNaN(expected)) {
                    assertThat(value.find()).isEmpty();
                    undefined++;
                } else {
                    assertThat(value.number()).isCloseTo(expected, EXACT);
                }
            }
        }
        assertThat(undefined).isPositive();
    }

    @Test
    void scoresMatterByTheirOrderAloneAndPlacesByTheirProportions() {
        RandomStream draws = Seeds.stream("invariance");
        for (int trial = 0; trial < 100; trial++) {
            List<Image> images = draw(draws, 4, 8);
            List<Image> changed = images.stream()
                    .map(image -> new Image(
                            scaled(image.truth, 4),
                            scaled(image.boxes, 4),
                            IntStream.range(0, image.scores.length)
                                    .mapToDouble(i -> StrictMath.exp(3 * image.scores[i]) - 7)
                                    .toArray()))
                    .toList();
            assertThat(of(changed)).isEqualTo(of(images));
        }
    }

    /** The rank of what was there before stays, and a further hit can only add recall. */
    @Test
    void aDetectionBelowAllOthersNeverCostsPrecision() {
        RandomStream draws = Seeds.stream("one more");
        int gained = 0;
        for (int trial = 0; trial < 200; trial++) {
            List<Image> images = new ArrayList<>(draw(draws, 3, 6));
            CocoAveragePrecision.Result before = of(images);
            Image last = images.remove(2);
            double[] boxes = IntStream.range(0, last.boxes.length + 4)
                    .mapToDouble(i -> i < last.boxes.length ? last.boxes[i] : 8)
                    .toArray();
            double[] scores = IntStream.range(0, last.scores.length + 1)
                    .mapToDouble(i -> i < last.scores.length ? last.scores[i] : -1)
                    .toArray();
            images.add(new Image(last.truth, boxes, scores));
            CocoAveragePrecision.Result after = of(images);
            if (before.map().find().isPresent()) {
                assertThat(after.map().number())
                        .isGreaterThanOrEqualTo(before.map().number());
                gained += after.map().number() > before.map().number() ? 1 : 0;
            }
        }
        assertThat(gained).isPositive();
    }

    @Test
    void cornersBecomeSides() {
        assertThat(CocoAveragePrecision.ofCorners(new double[] {1, 2, 4, 8, 0.5, 0, 224, 10}))
                .containsExactly(1, 2, 3, 6, 0.5, 0, 223.5, 10);
    }

    @Test
    void metricsLeaveOutWhatIsUndefined() {
        assertThat(of(List.of(new Image(new double[0], new double[] {1, 2, 3, 4}, new double[] {1})))
                        .metrics("test"))
                .isEqualTo(Map.of("test/undefined", 3.0));
        double[] box = {0, 0, 100, 100};
        assertThat(of(List.of(new Image(box, new double[] {0, 0, 100, 72}, new double[] {0.7})))
                        .metrics("test"))
                .isEqualTo(Map.of("test/map", 0.5, "test/ap50", 1.0, "test/ap75", 0.0));
    }

    @Test
    void whatIsNoBoxOrNoScoreIsRefused() {
        CocoAveragePrecision precision = new CocoAveragePrecision();
        double[] box = {0, 0, 1, 1};
        precision.add(box, box, new double[] {0});
        assertThatThrownBy(() -> precision.add(box, new double[] {0, 0, 1, 1, 2, 2, -1, 1}, new double[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("image 1", "detection 1", "[2.0, 2.0, -1.0, 1.0]");
        assertThatThrownBy(() -> precision.add(new double[] {0, 0, Double.NaN, 1}, box, new double[1]))
                .hasMessageContainingAll("image 1", "truth 0", "NaN");
        assertThatThrownBy(() -> precision.add(new double[3], box, new double[1]))
                .hasMessageContainingAll("image 1", "truth", "were 3");
        assertThatThrownBy(() -> precision.add(box, box, new double[2]))
                .hasMessageContainingAll("image 1", "each of 1", "were 2");
        assertThatThrownBy(() -> precision.add(box, box, new double[] {Double.NaN}))
                .hasMessageContainingAll("image 1", "score 0", "NaN");
        assertThat(precision.result().map().number()).isEqualTo(1);
    }

    private static CocoAveragePrecision.Result of(List<Image> images) {
        CocoAveragePrecision precision = new CocoAveragePrecision();
        images.forEach(image -> precision.add(image.truth, image.boxes, image.scores));
        return precision.result();
    }

    private static List<Image> draw(RandomStream draws, int images, int mostDetections) {
        List<Image> drawn = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            int detections = draws.bounded(mostDetections + 1);
            drawn.add(new Image(
                    boxes(draws, draws.bounded(4)),
                    boxes(draws, detections),
                    draws(detections, () -> draws.bounded(8) / 8.0)));
        }
        return drawn;
    }

    private static double[] boxes(RandomStream draws, int count) {
        return IntStream.range(0, 4 * count)
                .mapToDouble(i -> i % 4 < 2 ? draws.bounded(4) * 2 : 6 + draws.bounded(5))
                .toArray();
    }

    private static double[] draws(int count, DoubleSupplier draw) {
        return IntStream.range(0, count).mapToDouble(i -> draw.getAsDouble()).toArray();
    }

    private static double[] scaled(double[] values, double factor) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i] * factor)
                .toArray();
    }

    private static double[] boxes(JsonNode rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    /** {@code average_precision} of reference/pytorch/dense.py, line by line. */
    private static final class Transcript {
        private record Found(double score, boolean hit) {}

        static double averagePrecision(List<Image> images, double threshold) {
            int truths =
                    images.stream().mapToInt(image -> image.truth.length / 4).sum();
            if (truths == 0) {
                return Double.NaN;
            }
            List<Found> found = new ArrayList<>();
            images.forEach(image -> found.addAll(match(image, threshold)));
            found.sort(Comparator.comparingDouble(one -> -one.score)); // stable
            double[] precision = new double[found.size()];
            double[] recall = new double[found.size()];
            int hits = 0;
            for (int n = 0; n < found.size(); n++) {
                hits += found.get(n).hit ? 1 : 0;
                precision[n] = hits / (n + 1.0);
                recall[n] = (double) hits / truths;
            }
            double sum = 0;
            for (int point = 0; point <= 100; point++) {
                double wanted = point == 100 ? 1 : point * 0.01;
                int first = IntStream.range(0, recall.length)
                        .filter(n -> recall[n] >= wanted)
                        .findFirst()
                        .orElse(recall.length);
                sum += IntStream.range(first, precision.length)
                        .mapToDouble(n -> precision[n])
                        .max()
                        .orElse(0);
            }
            return sum / 101;
        }

        private static List<Found> match(Image image, double threshold) {
            List<Integer> order = IntStream.range(0, image.scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -image.scores[i]))
                    .limit(100)
                    .toList();
            TreeSet<Integer> free = new TreeSet<>();
            IntStream.range(0, image.truth.length / 4).forEach(free::add);
            List<Found> result = new ArrayList<>();
            for (int d : order) {
                double best = threshold;
                Integer chosen = null;
                for (int g : free) {
                    double value = overlap(image.boxes, 4 * d, image.truth, 4 * g);
                    if (value >= best) {
                        best = value;
                        chosen = g;
                    }
                }
                if (chosen != null) {
                    free.remove(chosen);
                }
                result.add(new Found(image.scores[d], chosen != null));
            }
            return result;
        }

        private static double overlap(double[] a, int i, double[] b, int j) {
            double w = Math.min(a[i] + a[i + 2], b[j] + b[j + 2]) - Math.max(a[i], b[j]);
            double h = Math.min(a[i + 1] + a[i + 3], b[j + 1] + b[j + 3]) - Math.max(a[i + 1], b[j + 1]);
            return w <= 0 || h <= 0 ? 0 : w * h / (a[i + 2] * a[i + 3] + b[j + 2] * b[j + 3] - w * h);
        }
    }
}
