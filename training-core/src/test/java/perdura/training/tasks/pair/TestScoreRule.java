package perdura.training.tasks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.training.golden.GoldenFixture;

class TestScoreRule {
    private final GoldenFixture fixture = GoldenFixture.load("prior/scoring");
    private final double logScale = fixture.values("weight.global_log_scale")[0];

    /** From PyTorch's global and local scores to its joined ones, its classes and its ranking. */
    @ParameterizedTest
    @CsvSource({
        "prompts, log, 1.0", "prompts, log, 0.5", "prompts, exp, 1.0", "prompts, exp, 0.5",
        "reports, log, 1.0", "reports, log, 0.5", "reports, exp, 1.0", "reports, exp, 0.5"
    })
    void scoresAreJoinedAsInPyTorch(String kind, String scale, double weight) {
        String output = "output." + kind + ".";
        double[] global = fixture.values(output + "log.global");
        double[] local = fixture.values(output + "local");
        double[] expected = fixture.values(output + scale + ".combined_" + weight);
        int images = fixture.shape(output + "local").get(0).intValue();
        int texts = fixture.shape(output + "local").get(1).intValue();
        ScoreRule rule = new ScoreRule(ScoreRule.Scale.ofWord(scale), weight);
        for (int image = 0; image < images; image++) {
            int from = image * texts;
            double[] cosines = Arrays.stream(global, from, from + texts)
                    .map(value -> value / logScale)
                    .toArray();
            double[] scores = rule.combine(cosines, Arrays.copyOfRange(local, from, from + texts), logScale);
            for (int text = 0; text < texts; text++) {
                assertThat(scores[text]).isCloseTo(expected[from + text], within(1e-9));
            }
            if (kind.equals("prompts")) {
                assertThat((double) ScoreRule.best(scores))
                        .isEqualTo(fixture.values(output + scale + ".class_" + weight)[image]);
            } else {
                double[] ranking = fixture.values(output + scale + ".ranking_" + weight);
                assertDescends(scores, Arrays.copyOfRange(ranking, from, from + texts));
            }
        }
    }

    /** In PyTorch's order; texts that the bank makes the same are apart by rounding alone, so any order of them is right. */
    private static void assertDescends(double[] scores, double[] ranking) {
        assertThat(Arrays.stream(ranking).distinct().count()).isEqualTo(scores.length);
        for (int i = 1; i < ranking.length; i++) {
            assertThat(scores[(int) ranking[i]]).isLessThanOrEqualTo(scores[(int) ranking[i - 1]] + 1e-9);
        }
    }

    @Test
    void ofEqualScoresTheFirstIsTheAnswer() {
        assertThat(ScoreRule.best(new double[] {0.1, 0.3, 0.3})).isEqualTo(1);
    }

    @Test
    void aNegativeWeightIsRefused() {
        assertThatThrownBy(() -> new ScoreRule(ScoreRule.Scale.LOG, -0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("localWeight", ">= 0", "-0.1");
    }
}
