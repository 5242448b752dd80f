package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TestBackOff {
    private final BackOff waits = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(30));

    @Test
    void eachWaitIsTwiceTheOneBefore() {
        assertThat(waits.after(0)).isEqualTo(Duration.ofMillis(500));
        assertThat(waits.after(3)).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void noWaitIsLongerThanTheLongest() {
        assertThat(waits.after(7)).isEqualTo(Duration.ofSeconds(30));
        assertThat(waits.after(1_000)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void halfOfAWaitIsForSure() {
        assertThat(waits.someTimeAfter(1)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    }
}
