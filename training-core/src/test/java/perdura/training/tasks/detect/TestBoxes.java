package perdura.training.tasks.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.testkit.GoldenTensors;
import perdura.training.metric.Ranking;

/** What the host computes of boxes, against the fixtures of the reference. */
class TestBoxes {
    private static int[] whole(GoldenTensors golden, String name) {
        return Arrays.stream(golden.values(name)).mapToInt(value -> (int) value).toArray();
    }

    private static void assertClose(String name, double[] actual, GoldenTensors golden) {
        DetectorFixture.assertClose(name, actual, golden.values(name), 1e-9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"small", "full"})
    void anchorsAgree(String which) {
        GoldenTensors golden = GoldenTensors.load("dense/anchors");
        JsonNode config = golden.json().get("config");
        List<Integer> image = DetectorFixture.integers(config.get(which).get("image"));
        Anchors anchors = Anchors.of(
                image.get(0),
                image.get(1),
                DetectorFixture.integers(config.get(which).get("sizes")),
                DetectorFixture.reals(config.get("ratios")));
        for (int level = 0; level < Anchors.LEVELS; level++) {
            double[] own = Arrays.copyOfRange(anchors.boxes(), 4 * anchors.begin(level), 4 * anchors.ends()[level]);
            assertThat(own).as("level %d", level).containsExactly(golden.values(which + ".level" + level));
        }
    }

    @Test
    void thePapersAnchorsAreCounted() {
        assertThat(Anchors.of(224, 224, List.of(32, 64, 128, 256, 512), DetectorSpec.AnchorSpec.RATIOS)
                        .count())
                .isEqualTo(12_543);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpn", "head"})
    void coderAgrees(String which) {
        GoldenTensors golden = GoldenTensors.load("dense/box_coding");
        JsonNode config = golden.json().get("config");
        BoxCoder coder = which.equals("rpn") ? BoxCoder.RPN : BoxCoder.HEAD;
        double[] boxes = golden.values("boxes");
        double[] encoded = new double[boxes.length];
        double[] decoded = new double[boxes.length];
        for (int i = 0; i < Boxes.count(boxes); i++) {
            coder.encode(golden.values("truth"), i, boxes, i, encoded, 4 * i);
            coder.decode(golden.values("deltas"), 4 * i, boxes, i, decoded, i);
        }
        assertClose(which + ".encoded", encoded, golden);
        assertClose(which + ".decoded", decoded, golden);
        for (int i = 0; i < Boxes.count(boxes); i++) {
            Boxes.clip(
                    decoded,
                    i,
                    config.get("image").get(0).asInt(),
                    config.get("image").get(1).asInt());
        }
        assertClose(which + ".clipped", decoded, golden);
        double least = which.equals("rpn") ? DetectorSpec.RpnSpec.LEAST_SIDE : DetectorSpec.HeadSpec.LEAST_SIDE;
        assertThat(least)
                .isEqualTo(config.get(which.equals("rpn") ? "minSizeRpn" : "minSizeHead")
                        .asDouble());
        assertThat(IntStream.range(0, Boxes.count(boxes))
                        .filter(i -> Boxes.isAtLeast(decoded, i, least))
                        .toArray())
                .containsExactly(whole(golden, which + ".kept"));
    }

    private static BoxMatcher matcher(GoldenTensors golden, String which) {
        JsonNode config = golden.json().get("config").get(which);
        return new BoxMatcher(
                config.get(0).asDouble(),
                config.get(1).asDouble(),
                config.get(2).asBoolean() ? BoxMatcher.LowQuality.MATCHED : BoxMatcher.LowQuality.NOT_MATCHED);
    }

    private static int[] labels(GoldenTensors golden, String which) {
        int[] matches = matcher(golden, which).match(golden.values("truth"), golden.values("boxes"));
        return which.equals("rpn")
                ? AnchorSample.labels(matches)
                : BoxMatcher.labels(matches, whole(golden, "truthLabels"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpn", "head"})
    void matcherAgrees(String which) {
        GoldenTensors golden = GoldenTensors.load("dense/iou_matching");
        double[] truths = golden.values("truth");
        double[] boxes = golden.values("boxes");
        double[] overlaps = new double[Boxes.count(truths) * Boxes.count(boxes)];
        for (int i = 0; i < overlaps.length; i++) {
            overlaps[i] = Boxes.iou(truths, i / Boxes.count(boxes), boxes, i % Boxes.count(boxes));
        }
        assertThat(overlaps).containsExactly(golden.values("iou"), within(1e-15));
        assertThat(matcher(golden, which).match(truths, boxes)).containsExactly(whole(golden, which + ".matches"));
        assertThat(labels(golden, which)).containsExactly(whole(golden, which + ".labels"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpn", "head", "few"})
    void samplerAgrees(String which) {
        GoldenTensors golden = GoldenTensors.load("dense/iou_matching");
        JsonNode config = golden.json().get("config").get("samples").get(which);
        int[] labels = labels(golden, which.equals("head") ? "head" : "rpn");
        int[] drawn = new BalancedSampler(config.get(0).asInt(), config.get(1).asDouble())
                .sample(labels, whole(golden, "order"));
        assertThat(Arrays.stream(drawn).filter(i -> labels[i] >= 1).toArray())
                .containsExactly(whole(golden, which + ".positive"));
        assertThat(Arrays.stream(drawn).filter(i -> labels[i] == 0).toArray())
                .containsExactly(whole(golden, which + ".negative"));
    }

    @Test
    void withoutTruthsAllIsBackground() {
        int[] matches = new BoxMatcher(0.7, 0.3, BoxMatcher.LowQuality.MATCHED)
                .match(new double[0], new double[] {0, 0, 4, 4, 2, 2, 9, 9});
        assertThat(matches).containsOnly(BoxMatcher.BELOW);
    }

    @Test
    void suppressionAgrees() {
        GoldenTensors golden = GoldenTensors.load("dense/nms");
        JsonNode cases = golden.json().get("config").get("cases");
        assertThat(cases.size()).isPositive();
        cases.fieldNames().forEachRemaining(name -> {
            double[] scores = golden.values(name + ".scores");
            int[] groups = whole(golden, name + ".groups");
            int[] order = Ranking.descending(scores, 0, scores.length);
            int[] kept = Arrays.stream(groups)
                    .distinct()
                    .flatMap(group -> Arrays.stream(Suppression.keep(
                            golden.values(name + ".boxes"),
                            Arrays.stream(order).filter(i -> groups[i] == group).toArray(),
                            cases.get(name).get("threshold").asDouble(),
                            scores.length)))
                    .sorted()
                    .toArray();
            assertThat(Ranking.descending(scores, kept)).as(name).containsExactly(whole(golden, name + ".kept"));
        });
    }

    @Test
    void suppressionEndsWithAsManyAsAreWanted() {
        double[] boxes = {0, 0, 1, 1, 5, 5, 6, 6, 0, 0, 1, 1, 9, 9, 10, 10};
        assertThat(Suppression.keep(boxes, new int[] {2, 0, 1, 3}, 0.5, 2)).containsExactly(2, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 16, 17, 1000, 4097})
    void rankingIsAStableSort(int size) {
        double[] scores =
                new Random(size).doubles(size).map(x -> Math.floor(20 * x)).toArray();
        Integer[] expected = IntStream.range(0, size).boxed().toArray(Integer[]::new);
        Arrays.sort(expected, (a, b) -> Double.compare(scores[b], scores[a]));
        assertThat(Ranking.descending(scores, 0, size))
                .containsExactly(Arrays.stream(expected).mapToInt(i -> i).toArray());
    }
}
