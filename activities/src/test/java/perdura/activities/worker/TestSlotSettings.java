package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.DatabaseConfig;
import perdura.store.relay.MlflowConfig;

class TestSlotSettings {
    private static final WorkerConfig CONFIG = new WorkerConfig(
            new TemporalConfig("cloud:7233", "space", true, null, Path.of("/c.pem"), Path.of("/k.pem"), "key-secret"),
            new DatabaseConfig("jdbc:postgresql://db/perdura", "u", "db-secret"),
            new MlflowConfig(URI.create("http://mlflow:5000"), null, null, "token-secret"),
            new AirflowConfig(URI.create("http://airflow:8080"), "u", "password-secret", null),
            Path.of("/artifacts"),
            Path.of("/work dir"),
            List.of("cpu", "cuda:0"),
            Duration.ofSeconds(60),
            Duration.ofMillis(500),
            Duration.ofMinutes(5),
            Duration.ofSeconds(25));

    @Test
    void reachTheProcessUnchanged() throws IOException {
        SlotSettings settings = new SlotSettings(CONFIG, 1, "cuda:0");

        String line = settings.toLine();

        assertThat(line).endsWith("\n").hasLineCount(1);
        assertThat(SlotSettings.read(new BufferedReader(new StringReader(line))))
                .isEqualTo(settings);
    }

    @Test
    void mustBeThere() {
        assertThatThrownBy(() -> SlotSettings.read(new BufferedReader(new StringReader(""))))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("supervisor");
    }

    @Test
    void hideSecretsWhenPrinted() {
        assertThat(CONFIG.toString()).doesNotContain("secret");
    }

    @Test
    void aDeviceHasOneSlot() {
        assertThatThrownBy(() -> withDevices(List.of("cpu", "cpu")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[cpu, cpu]");
    }

    @Test
    void anUnknownDeviceIsNamed() {
        assertThatThrownBy(() -> withDevices(List.of("gpu")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'gpu'");
    }

    private static WorkerConfig withDevices(List<String> devices) {
        return new WorkerConfig(
                CONFIG.temporal(),
                CONFIG.database(),
                null,
                null,
                CONFIG.artifactRoot(),
                CONFIG.workDir(),
                devices,
                WorkerConfig.HEARTBEAT_TIMEOUT,
                WorkerConfig.HEARTBEAT_THROTTLE,
                WorkerConfig.STALL_TIMEOUT,
                WorkerConfig.SHUTDOWN_GRACE);
    }
}
