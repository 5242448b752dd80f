package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TestEmbeddedTemporal {
    private static final Launcher LAUNCHER = new Launcher(System.getenv("PATH"));

    @TempDir
    private Path folder;

    @Test
    void endsIfAnotherHasThePort() throws IOException, InterruptedException {
        try (ServerSocket other = new ServerSocket(0)) {
            Process process = start(other.getLocalPort(), "late");
            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(LocalTemporal.isServing(process.pid(), folder.resolve("late")))
                    .isFalse();
            assertThat(folder.resolve("late.log"))
                    .content(StandardCharsets.UTF_8)
                    .contains("can't listen on port " + other.getLocalPort());
        }
    }

    @Test
    void saysThatItServes() throws IOException, InterruptedException {
        int port = Ports.choose(List.of(), List.of());
        Process process = start(port, "first");
        try {
            Path readyFile = folder.resolve("first");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(50))
                    .until(() -> LocalTemporal.isServing(process.pid(), readyFile));
            assertThat(Ports.isOpen(port)).isTrue();
            assertThat(LocalTemporal.isServing(process.pid() + 1, readyFile)).isFalse();
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private Process start(int port, String name) {
        List<String> command = LAUNCHER.java(
                List.of(
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=perdura/cli/logback-quiet.xml"),
                "perdura.embedded.EmbeddedTemporal",
                List.of(Integer.toString(port), folder.resolve(name).toString()));
        return LAUNCHER.start(command, Launcher.Inherits.WORK, Map.of(), folder.resolve(name + ".log"));
    }
}
