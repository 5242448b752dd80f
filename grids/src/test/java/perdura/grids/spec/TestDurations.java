package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestDurations {
    @ParameterizedTest
    @CsvSource({
        "8s, 8s",
        "90s, 90s",
        "60s, 1m",
        "PT2H, 2h",
        "48h, 2d",
        "1.5s, 1500ms",
        "0s, 0s",
        "PT0.0000001S, PT0.0000001S"
    })
    void theTextIsReadBack(String written, String text) {
        Duration duration = Durations.parse(written).orElseThrow();
        assertThat(Durations.text(duration)).isEqualTo(text);
        assertThat(Durations.parse(text)).hasValue(duration);
    }
}
