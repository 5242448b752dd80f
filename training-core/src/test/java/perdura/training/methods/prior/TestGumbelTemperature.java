package perdura.training.methods.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import perdura.testkit.GoldenCases;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec.TauSchedule;

class TestGumbelTemperature {
    @Test
    void everyScheduleAgreesWithTheReference() {
        JsonNode cases = GoldenCases.read("prior/schedules").get("gumbel_temperature");
        assertThat(cases).isNotEmpty();
        for (JsonNode each : cases) {
            GumbelTemperature temperature = new GumbelTemperature(
                    TauSchedule.valueOf(each.get("schedule").asText().toUpperCase(Locale.ROOT)),
                    each.get("total").asLong(),
                    each.get("start").asDouble(),
                    each.get("end").asDouble());
            assertThat(temperature.tau(each.get("step").asLong()))
                    .as("%s", each)
                    .isCloseTo(each.get("tau").asDouble(), within(1e-15));
        }
    }

    /** Anchor 7 of prior.md 9. */
    @Test
    void theDefaultFallsFromBeginningToEnd() {
        GumbelTemperature temperature = new GumbelTemperature(TauSchedule.EXPONENTIAL, 4, 0.9, 0.01);
        double[] expected = {0.9, 0.29220, 0.09487, 0.03080, 0.01};
        for (int step = 0; step <= 4; step++) {
            assertThat(temperature.tau(step)).isCloseTo(expected[step], within(5e-6));
        }
    }

    @Test
    void aStepOutsideOfTheScheduleIsRefused() {
        GumbelTemperature temperature = new GumbelTemperature(TauSchedule.LINEAR, 4, 0.9, 0.01);
        assertThatThrownBy(() -> temperature.tau(5)).hasMessageContainingAll("step", "[0, 4]", "was 5");
        assertThatThrownBy(() -> new GumbelTemperature(TauSchedule.LINEAR, 0, 0.9, 0.01))
                .hasMessageStartingWith("a temperature needs total >= 1");
    }
}
