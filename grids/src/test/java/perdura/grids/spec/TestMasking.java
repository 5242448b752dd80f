package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestMasking {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "can't reach jdbc:postgresql://me:geheim@h:5432/d now",
                "jdbc:postgresql://h/d?user=me&Password=geheim&ssl=true",
                "GET http://h/path?api_key=geheim failed",
                "http://u:sl/ash/geheim@h:1/x",
                "http://u:a@t@geheim@h:1/x",
                "header 'Authorization: Bearer geheim.a-b_c=' is wrong",
                "Basic Z2VoZWltOmdlaGVpbQ== was refused"
            })
    void secretsOfAddressesAreHidden(String text) {
        assertThat(Masking.addresses(text)).doesNotContain("geheim", "Z2Vo").contains(Masking.MASK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://127.0.0.1:15432/perdura", "http://h:5000/#/experiments/1/runs/2", "file:///a/b",
                "learningRate must be > 0, was -0.1", "http://h/x?page=2&key=train/loss", "token 3 of 12"
            })
    void otherTextStaysAsItIs(String text) {
        assertThat(Masking.addresses(text)).isEqualTo(text);
        assertThat(Masking.holdsSecret(text)).isFalse();
    }

    @Test
    void knownValuesAreHiddenWhereverTheyAre() {
        Masking masking = new Masking();
        masking.hide(Masking.secretValues(Map.of(
                "PERDURA_DATABASE_PASSWORD", "geheim",
                "PERDURA_TEMPORAL_API_KEY", "geheimer",
                "PERDURA_DATABASE_URL", "jdbc:x",
                "PATH", "/bin")));
        masking.hide(List.of("x", ""));
        assertThat(masking.mask("a geheimer text of geheim in /bin: jdbc:x, x"))
                .isEqualTo("a *** text of *** in /bin: jdbc:x, x");
    }
}
