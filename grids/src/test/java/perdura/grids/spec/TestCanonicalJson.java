package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestCanonicalJson {
    @Test
    void keysAreSortedAndNothingIsPadded() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("b", List.of(1, true, "x"));
        value.put("a", null);
        assertThat(CanonicalJson.write(value)).isEqualTo("{\"a\":null,\"b\":[1,true,\"x\"]}");
    }

    /** The numbers of RFC 8785, appendix B. */
    @Test
    void numbersAreWrittenAsEcmaScriptWritesThem() {
        Map<Double, String> expected = new LinkedHashMap<>();
        expected.put(0.0, "0");
        expected.put(-0.0, "0");
        expected.put(Double.MIN_VALUE, "5e-324");
        expected.put(-Double.MIN_VALUE, "-5e-324");
        expected.put(Double.MAX_VALUE, "1.7976931348623157e+308");
        expected.put(9007199254740992.0, "9007199254740992");
        expected.put(Math.pow(2, 68), "295147905179352830000");
        expected.put(9.999999999999997e22, "9.999999999999997e+22");
        expected.put(Double.parseDouble("1e23"), "1e+23");
        expected.put(1.0000000000000001e23, "1.0000000000000001e+23");
        expected.put(999999999999999700000.0, "999999999999999700000");
        expected.put(999999999999999900000.0, "999999999999999900000");
        expected.put(1e21, "1e+21");
        expected.put(9.999999999999997e-7, "9.999999999999997e-7");
        expected.put(0.000001, "0.000001");
        expected.put(1e9 / 3, "333333333.3333333");
        expected.put(0.001, "0.001");
        expected.put(2e-3, "0.002");
        expected.put(1e-5, "0.00001");
        expected.put(1.5, "1.5");
        expected.put(-1e-7, "-1e-7");
        expected.forEach((value, text) -> assertThat(CanonicalJson.write(value)).isEqualTo(text));
    }

    @Test
    void equalNumbersOfDifferentTypesAreOneNumber() {
        assertThat(CanonicalJson.write(Arrays.asList(4, 4L, 4.0, 4f))).isEqualTo("[4,4,4,4]");
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(CanonicalJson.write("a\"\\\n\u0001é")).isEqualTo("\"a\\\"\\\\\\n\\u0001é\"");
    }

    @Test
    void whatJsonLacksIsRefused() {
        assertThatThrownBy(() -> CanonicalJson.write(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("JSON has no number NaN");
        assertThatThrownBy(() -> CanonicalJson.write(List.of(new Object())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("JSON has no value of class java.lang.Object");
    }

    @Test
    void theHashIsThatOfTheCanonicalBytes() {
        assertThat(CanonicalJson.sha256(Map.of()))
                .isEqualTo("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
