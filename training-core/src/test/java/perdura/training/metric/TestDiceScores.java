package perdura.training.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.testkit.GoldenCases;
import perdura.training.metric.DiceScores.Rule;

class TestDiceScores {
    private static final Offset<Double> EXACT = within(1e-9);

    @Test
    void bothPapersRulesAgreeWithTheReference() {
        JsonNode cases = GoldenCases.read("dense/dice_cases").get("cases");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            assertCase(c, Rule.AT_LEAST_HALF, c.get("prior"));
            assertCase(c, Rule.ABOVE_HALF, c.get("sense"));
        }
    }

    private static void assertCase(JsonNode c, Rule rule, JsonNode expected) {
        DiceScores scores = new DiceScores(rule);
        FloatBuffer logits = pixels(c.get("logits"));
        int images = c.get("logits").size();
        scores.add(logits, pixels(c.get("masks")), logits.limit() / images);
        double[] ofImage = doubles(expected.get("perImage"));
        assertThat(scores.toArray()).as(c.toString()).containsExactly(ofImage, EXACT);
        assertThat(scores.mean().number()).isCloseTo(expected.get("mean").asDouble(), EXACT);
        boolean[] positive = new boolean[images];
        for (int i = 0; i < images; i++) {
            positive[i] = IntStream.of(GoldenCases.integers(flat(c.get("masks").get(i))))
                            .sum()
                    > 0;
        }
        IntStream.range(0, images)
                .filter(i -> positive[i])
                .mapToDouble(i -> ofImage[i])
                .average()
                .ifPresentOrElse(
                        mean -> assertThat(scores.meanOfPositives().number()).isCloseTo(mean, EXACT),
                        () -> assertThat(scores.meanOfPositives().find()).isEmpty());
    }

    /** The mean that an all-empty answer of the same images really gets. */
    @Test
    void theEmptyAnswerIsMeasuredAsAnyOther() {
        RandomStream draws = Seeds.stream("empty answer");
        DiceScores scores = new DiceScores(Rule.AT_LEAST_HALF);
        DiceScores empty = new DiceScores(Rule.AT_LEAST_HALF);
        for (int batch = 0; batch < 20; batch++) {
            FloatBuffer logits = FloatBuffer.allocate(12);
            FloatBuffer masks = FloatBuffer.allocate(12);
            FloatBuffer off = FloatBuffer.allocate(12);
            for (int i = 0; i < 12; i++) {
                logits.put(i, (float) draws.nextGaussian());
                masks.put(i, draws.bounded(4) == 0 ? 1 : 0);
                off.put(i, -1);
            }
            scores.add(logits, masks, 4);
            empty.add(off, masks, 4);
        }
        assertThat(scores.images()).isEqualTo(60);
        assertThat(scores.meanOfEmptyAnswer().number())
                .isBetween(0.1, 0.9)
                .isEqualTo(empty.mean().number());
        assertThat(empty.meanOfPositives().number()).isZero();
    }

    /** Pixel by pixel from the definition. */
    @Test
    void scoresAgreeWithADefinitionOfSetsHoweverTheImagesAreCutIntoBatches() {
        RandomStream draws = Seeds.stream("dice");
        for (int trial = 0; trial < 200; trial++) {
            int images = 1 + draws.bounded(5);
            int pixels = 1 + draws.bounded(9);
            Rule rule = draws.bounded(2) == 0 ? Rule.AT_LEAST_HALF : Rule.ABOVE_HALF;
            DiceScores whole = new DiceScores(rule);
            DiceScores single = new DiceScores(rule);
            DiceScores swapped = new DiceScores(rule);
            FloatBuffer logits = FloatBuffer.allocate(images * pixels);
            FloatBuffer masks = FloatBuffer.allocate(images * pixels);
            for (int i = 0; i < images * pixels; i++) {
                logits.put(i, draws.bounded(5) - 2);
                masks.put(i, draws.bounded(3) == 2 ? 1 : 0);
            }
            double[] expected = new double[images];
            for (int image = 0; image < images; image++) {
                int predicted = 0;
                int truth = 0;
                int both = 0;
                for (int i = image * pixels; i < (image + 1) * pixels; i++) {
                    boolean on = rule == Rule.AT_LEAST_HALF ? logits.get(i) > -0.5 : logits.get(i) > 0.5;
                    predicted += on ? 1 : 0;
                    truth += masks.get(i) == 1 ? 1 : 0;
                    both += on && masks.get(i) == 1 ? 1 : 0;
                }
                expected[image] = predicted + truth == 0 ? 1 : 2.0 * both / (predicted + truth);
                single.add(logits.slice(image * pixels, pixels), masks.slice(image * pixels, pixels), pixels);
                swapped.add(/* predicted= */ truth, /* truth= */ predicted, both);
            }
            whole.add(logits, masks, pixels);
            assertThat(whole.toArray()).containsExactly(expected);
            assertThat(single.toArray()).containsExactly(expected);
            assertThat(swapped.toArray()).containsExactly(expected);
            assertThat(single.mean()).isEqualTo(whole.mean());
        }
    }

    @Test
    void metricsLeaveOutWhatIsUndefined() {
        DiceScores scores = new DiceScores(Rule.AT_LEAST_HALF);
        assertThat(scores.metrics("test")).isEqualTo(Map.of("test/undefined", 3.0));
        scores.add(0, 0, 0);
        scores.add(5, 0, 0);
        assertThat(scores.metrics("test"))
                .isEqualTo(Map.of("test/dice", 0.5, "test/dice-empty", 1.0, "test/undefined", 1.0));
        scores.add(3, 1, 1);
        scores.add(0, 2, 0);
        assertThat(scores.metrics("validation"))
                .isEqualTo(Map.of(
                        "validation/dice", 1.5 / 4, "validation/dice-positives", 0.25, "validation/dice-empty", 0.5));
    }

    @Test
    void sizesThatDoNotFitAndNoNumbersAreRefused() {
        DiceScores scores = new DiceScores(Rule.ABOVE_HALF);
        scores.add(1, 1, 1);
        assertThatThrownBy(() -> scores.add(FloatBuffer.allocate(6), FloatBuffer.allocate(6), 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("[images, 4]", "were 6 and 6");
        assertThatThrownBy(() -> scores.add(FloatBuffer.allocate(4), FloatBuffer.allocate(8), 4))
                .hasMessageContainingAll("[images, 4]", "were 4 and 8");
        assertThatThrownBy(() -> scores.add(FloatBuffer.wrap(new float[] {0, Float.NaN}), FloatBuffer.allocate(2), 2))
                .hasMessageContainingAll("image 1", "logit 1", "NaN");
        assertThatThrownBy(() -> scores.add(2, 1, 2)).hasMessageContainingAll("of 2 predicted", "1 true", "were 2");
        assertThat(scores.images()).isEqualTo(1);
    }

    private static FloatBuffer pixels(JsonNode nested) {
        JsonNode flat = flat(nested);
        FloatBuffer buffer = FloatBuffer.allocate(flat.size());
        flat.forEach(value -> buffer.put((float) value.asDouble()));
        return buffer.flip();
    }

    private static JsonNode flat(JsonNode nested) {
        if (nested.isEmpty() || !nested.get(0).isArray()) {
            return nested;
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        nested.forEach(part -> flat(part).forEach(all::add));
        return all;
    }

    private static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }
}
