package perdura.training.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TestDiceScores {
    @Test
    void metricsLeaveOutWhatIsUndefined() {
        DiceScores scores = new DiceScores();
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
    void countsThatCannotBeAreRefused() {
        DiceScores scores = new DiceScores();
        scores.add(1, 1, 1);
        assertThatThrownBy(() -> scores.add(2, 1, 2)).hasMessageContainingAll("of 2 predicted", "1 true", "were 2");
        assertThat(scores.images()).isEqualTo(1);
    }
}
