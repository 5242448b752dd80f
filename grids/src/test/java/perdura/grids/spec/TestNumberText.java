package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestNumberText {
    @ParameterizedTest
    @CsvSource({
        "0.00001, 1e-5",
        "1.0E-5, 1e-5",
        "1e-05, 1e-5",
        "10e-6, 1e-5",
        "2.5e-4, 2.5e-4",
        "0.001, 0.001",
        "0.1, 0.1",
        "1.0, 1",
        "-0.0, 0",
        "64, 64",
        "1000000, 1000000",
        "1e15, 1e15",
        "-3e-7, -3e-7",
        "0.30000000000000004, 0.30000000000000004"
    })
    void aNumberHasOneSpellingHoweverItIsWrittenAndOfWhateverType(String written, String text) {
        assertThat(NumberText.of(new BigDecimal(written))).isEqualTo(text);
        assertThat(NumberText.of(Double.parseDouble(written))).isEqualTo(text);
        assertThat(NumberText.ofValue(Double.parseDouble(written))).isEqualTo(text);
        assertThat(Double.parseDouble(text)).isEqualTo(Double.parseDouble(written) + 0.0);
    }

    @Test
    void valuesOfOtherTypesReadAsTheyAre() {
        assertThat(NumberText.ofValue(114_514L)).isEqualTo("114514");
        assertThat(NumberText.ofValue(null)).isEqualTo("null");
        assertThat(NumberText.ofValue(true)).isEqualTo("true");
        assertThat(NumberText.ofValue("a b")).isEqualTo("a b");
        assertThat(NumberText.ofValue(Arrays.asList(1e-5, 64L, "x", null))).isEqualTo("[1e-5,64,\"x\",null]");
        assertThat(NumberText.ofValue(List.of())).isEqualTo("[]");
        assertThat(NumberText.of(Double.NaN)).isEqualTo("NaN");
    }
}
