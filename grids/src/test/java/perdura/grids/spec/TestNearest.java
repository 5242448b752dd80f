package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TestNearest {
    @Test
    void nearestForgivesTypingErrorsOnly() {
        assertThat(Nearest.find("statsu", List.of("up", "status"))).contains("status");
        assertThat(Nearest.find("xylophone", List.of("up", "status"))).isEmpty();
    }

    @Test
    void aSuggestionNamesTheNearestOrAll() {
        assertThat(Nearest.suggestion("batchsiz", List.of("batchSize", "epochs")))
                .isEqualTo("; did you mean 'batchSize'?");
        assertThat(Nearest.suggestion("colour", List.of("batchSize", "epochs")))
                .isEqualTo("; known are batchSize, epochs");
    }

    @Test
    void distanceCountsLettersToAddDropChangeOrSwap() {
        assertThat(Nearest.distance("kitten", "Sitting")).isEqualTo(3);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
        assertThat(Nearest.distance("tyo", "toy")).isEqualTo(1);
        assertThat(Nearest.distance("ca", "abc")).isEqualTo(3);
    }
}
