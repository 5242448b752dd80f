package perdura.training.tasks.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.testkit.GoldenCases;
import perdura.training.metric.DiceScores;
import perdura.training.nn.ScriptBuilder;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Dice of pixels that the program counts. Cases come from the golden folder: {@code dense/dice_cases}. */
class TestMaskRule {
    private static final Offset<Double> EXACT = within(1e-9);

    private final Map<MaskRule, Script> scripts = new EnumMap<>(MaskRule.class);
    private Torch torch;

    @BeforeEach
    void start() {
        torch = Torch.start("cpu", 1);
        for (MaskRule rule : MaskRule.values()) {
            ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.EVAL);
            rule.write(program);
            scripts.put(rule, Script.compile(torch, program.text()));
        }
    }

    @AfterEach
    void stop() {
        torch.close();
    }

    /** Adds images of logits and masks, image after image. */
    private void add(DiceScores scores, MaskRule rule, FloatBuffer logits, FloatBuffer masks, int pixels) {
        int images = logits.remaining() / pixels;
        try (StepScope scope = torch.newStep()) {
            Tensor answers = scope.floats(logits, images, 1, 1, pixels);
            Tensor truths = scope.floats(masks, images, 1, 1, pixels);
            List<Tensor> unused = List.of(scope.floats(FloatBuffer.allocate(1), 1)); // a program has weights
            double[] counts = Objects.requireNonNull(scripts.get(rule))
                    .call(scope, "counts", List.of(unused), answers, truths)
                    .get(0)
                    .toDoubles();
            for (int i = 0; i < images; i++) {
                scores.add((int) counts[3 * i], (int) counts[3 * i + 1], (int) counts[3 * i + 2]);
            }
        }
    }

    @Test
    void bothPapersRulesAgreeWithTheReference() {
        JsonNode cases = GoldenCases.read("dense/dice_cases").get("cases");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            assertCase(c, MaskRule.AT_LEAST_HALF, c.get("prior"));
            assertCase(c, MaskRule.ABOVE_HALF, c.get("sense"));
        }
    }

    private void assertCase(JsonNode c, MaskRule rule, JsonNode expected) {
        DiceScores scores = new DiceScores();
        FloatBuffer logits = pixels(c.get("logits"));
        int images = c.get("logits").size();
        add(scores, rule, logits, pixels(c.get("masks")), logits.limit() / images);
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
        DiceScores scores = new DiceScores();
        DiceScores empty = new DiceScores();
        for (int batch = 0; batch < 20; batch++) {
            FloatBuffer logits = FloatBuffer.allocate(12);
            FloatBuffer masks = FloatBuffer.allocate(12);
            FloatBuffer off = FloatBuffer.allocate(12);
            for (int i = 0; i < 12; i++) {
                logits.put(i, (float) draws.nextGaussian());
                masks.put(i, draws.bounded(4) == 0 ? 1 : 0);
                off.put(i, -1);
            }
            add(scores, MaskRule.AT_LEAST_HALF, logits, masks, 4);
            add(empty, MaskRule.AT_LEAST_HALF, off, masks, 4);
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
            MaskRule rule = draws.bounded(2) == 0 ? MaskRule.AT_LEAST_HALF : MaskRule.ABOVE_HALF;
            DiceScores whole = new DiceScores();
            DiceScores single = new DiceScores();
            DiceScores swapped = new DiceScores();
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
                    boolean on = rule == MaskRule.AT_LEAST_HALF ? logits.get(i) > -0.5 : logits.get(i) > 0.5;
                    predicted += on ? 1 : 0;
                    truth += masks.get(i) == 1 ? 1 : 0;
                    both += on && masks.get(i) == 1 ? 1 : 0;
                }
                expected[image] = predicted + truth == 0 ? 1 : 2.0 * both / (predicted + truth);
                add(single, rule, logits.slice(image * pixels, pixels), masks.slice(image * pixels, pixels), pixels);
                swapped.add(/* predicted= */ truth, /* truth= */ predicted, both);
            }
            add(whole, rule, logits, masks, pixels);
            assertThat(whole.toArray()).containsExactly(expected);
            assertThat(single.toArray()).containsExactly(expected);
            assertThat(swapped.toArray()).containsExactly(expected);
            assertThat(single.mean()).isEqualTo(whole.mean());
        }
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
