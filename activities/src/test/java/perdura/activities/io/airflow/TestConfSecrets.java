package perdura.activities.io.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestConfSecrets {
    private static final AirflowConfig CONFIG = new AirflowConfig(URI.create("http://h"), null, null, null)
            .withSecretsOf(
                    Map.of("PERDURA_SECRET_S3", "ge$1heim\\", "PERDURA_DATABASE_PASSWORD", "other", "HOME", "/h"));

    private static Map<String, @Nullable Object> fillIn(@Nullable Object value) {
        Map<String, @Nullable Object> conf = new LinkedHashMap<>();
        conf.put("key", value);
        return new ConfSecrets(CONFIG.secrets()).fillIn(conf);
    }

    @Test
    void namesBecomeValuesWhereverTheyStand() {
        assertThat(fillIn("${PERDURA_SECRET_S3}")).containsEntry("key", "ge$1heim\\");
        assertThat(fillIn("a ${PERDURA_SECRET_S3} b")).containsEntry("key", "a ge$1heim\\ b");
        assertThat(fillIn(List.of(Map.of("deep", "${PERDURA_SECRET_S3}"))))
                .containsEntry("key", List.of(Map.of("deep", "ge$1heim\\")));
    }

    @Test
    void otherValuesStay() {
        for (Object value : Arrays.asList(null, 1L, true, "$HOME", "${HOME}", "${PERDURA_DATABASE_PASSWORD}")) {
            assertThat(fillIn(value).get("key")).isEqualTo(value);
        }
    }

    @Test
    void aMissingVariableIsNamed() {
        assertThatThrownBy(() -> fillIn("${PERDURA_SECRET_OTHER}"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("PERDURA_SECRET_OTHER");
    }

    @Test
    void theConfigShowsNone() {
        assertThat(CONFIG.secrets()).containsOnlyKeys("PERDURA_SECRET_S3");
        assertThat(CONFIG.toString()).doesNotContain("heim");
    }
}
