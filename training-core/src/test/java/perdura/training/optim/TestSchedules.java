package perdura.training.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import perdura.testkit.GoldenFolder;

class TestSchedules {
    /** Both sides compute in double; a cosine may differ in its last bit. */
    private static final double RELATIVE = 1e-12;

    private static final Path GOLDEN = GoldenFolder.resolve("");

    @Test
    void stepRatesAgreeWithTheReference() throws IOException {
        JsonNode cases = golden("prior").get("learning_rate");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            WarmupCosine schedule = new WarmupCosine(
                    c.get("total").asLong(),
                    c.get("warmup").asLong(),
                    c.get("base").asDouble(),
                    c.get("start").asDouble(),
                    c.get("end").asDouble());
            double expected = c.get("lr").asDouble();
            assertThat(schedule.rate(c.get("step").asLong()))
                    .as(c.toString())
                    .isCloseTo(expected, within(RELATIVE * schedule.base()));
        }
    }

    @Test
    void stepRatesMeetTheAnchors() {
        WarmupCosine schedule = new WarmupCosine(28_500, 1_425, 1e-5, 1e-7, 0);
        assertThat(schedule.rate(0)).isEqualTo(1e-7);
        assertThat(schedule.rate(1_424)).isCloseTo(1e-5, within(1e-20));
        assertThat(schedule.rate(28_499)).isLessThan(1e-12);
    }

    @Test
    void aScheduleWithoutWarmupBeginsAtTheBaseRate() {
        assertThat(new WarmupCosine(10, 0, 1e-3, 1e-7, 0).rate(0)).isEqualTo(1e-3);
    }

    @Test
    void aStepOutsideTheStageIsRefused() {
        WarmupCosine schedule = new WarmupCosine(10, 2, 1e-3, 0, 0);
        assertThatThrownBy(() -> schedule.rate(10)).hasMessageContainingAll("step", "[0, 10)", "was 10");
        assertThatThrownBy(() -> schedule.rate(-1)).hasMessageContainingAll("step", "[0, 10)", "was -1");
    }

    @Test
    void epochRatesAgreeWithTheReference() throws IOException {
        JsonNode cases = golden("sense").get("epochLr");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            int epochs = c.get("epochs").asInt();
            double base = c.get("lr").asDouble();
            EpochWarmupCosine schedule =
                    new EpochWarmupCosine(epochs, c.get("warmup").asInt(), base);
            assertThat(c.get("values")).hasSize(epochs);
            for (int epoch = 0; epoch < epochs; epoch++) {
                assertThat(schedule.rate(epoch))
                        .as("epoch %d of %s", epoch, schedule)
                        .isCloseTo(c.get("values").get(epoch).asDouble(), within(RELATIVE * base));
            }
        }
    }

    @Test
    void plateauRatesAgreeWithPyTorch() throws IOException {
        JsonNode cases = golden("sense").get("plateau");
        assertThat(cases).isNotEmpty();
        for (JsonNode c : cases) {
            PlateauSchedule schedule = PlateauSchedule.starting(
                    c.get("lr").asDouble(),
                    c.get("factor").asDouble(),
                    c.get("patience").asInt());
            for (int i = 0; i < c.get("values").size(); i++) {
                schedule = schedule.after(c.get("values").get(i).asDouble());
                double expected = c.get("lrAfter").get(i).asDouble();
                assertThat(schedule.rate()).as("value %d of %s", i, c).isCloseTo(expected, within(RELATIVE * expected));
            }
        }
    }

    private static JsonNode golden(String method) throws IOException {
        return new ObjectMapper()
                .readTree(GOLDEN.resolve(method).resolve("schedules.json").toFile());
    }
}
