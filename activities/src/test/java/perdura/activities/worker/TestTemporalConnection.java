package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.temporal.api.common.v1.Payload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.workflows.TrainActivities.SegmentInput;

class TestTemporalConnection {
    @Test
    void knowsTheEmbeddedService() throws IOException {
        try (EmbeddedTemporal server = new EmbeddedTemporal();
                TemporalConnection connection = TemporalConnection.open(server.config(), Duration.ofSeconds(20))) {
            assertThat(connection.isTestServer()).isTrue();
        }
    }

    @Test
    void aServerThatStaysAwayIsToldByItsAddress() {
        assertThatThrownBy(() -> TemporalConnection.open(TemporalConfig.plain("127.0.0.1:1"), Duration.ofSeconds(1)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE))
                .hasMessageContaining("127.0.0.1:1");
    }

    @Test
    @Timeout(20)
    void certificatesAreReadFromRegularFilesAlone(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe.pem");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        for (Path file : List.of(pipe, Path.of("/dev/zero"), folder, folder.resolve("none.pem"))) {
            assertRefused(new TemporalConfig("127.0.0.1:1", "default", true, file, null, null, null), file);
            assertRefused(new TemporalConfig("127.0.0.1:1", "default", true, null, file, file, null), file);
        }
    }

    private static void assertRefused(TemporalConfig config, Path file) {
        assertThatThrownBy(() -> TemporalConnection.open(config, Duration.ofSeconds(1)))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    assertThat(e.getMessage()).startsWith(file + ": ").doesNotContain("Exception");
                });
    }

    @Test
    void readsWhatANewerWorkerWrote() {
        Payload written = TemporalConnection.dataConverter()
                .toPayload(new SegmentInput("tiny-1", 7))
                .orElseThrow();
        Payload newer = written.toBuilder()
                .setData(ByteString.copyFromUtf8("{\"runId\":\"tiny-1\",\"untilStep\":7,\"priority\":3}"))
                .build();

        SegmentInput read =
                TemporalConnection.dataConverter().fromPayload(newer, SegmentInput.class, SegmentInput.class);

        assertThat(Objects.requireNonNull(read)).isEqualTo(new SegmentInput("tiny-1", 7));
    }

    @Test
    void neverPrintsTheApiKey() {
        TemporalConfig config = new TemporalConfig("cloud:7233", "space", true, null, null, null, "very-secret");

        assertThat(config.toString()).contains("cloud:7233", "***").doesNotContain("very-secret");
    }

    @Test
    void wantsACertificateTogetherWithItsKey() {
        assertThatThrownBy(() -> new TemporalConfig("a:1", "default", true, null, Path.of("c.pem"), null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("c.pem");
    }
}
