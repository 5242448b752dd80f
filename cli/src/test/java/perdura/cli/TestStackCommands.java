package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.cli.stack.ProcessRef;

/** What commands say of a stack: of one that runs half, of none, of one that others can look into. */
class TestStackCommands {
    @TempDir
    private Path folder;

    private Path home = Path.of("none");
    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @BeforeEach
    void chooseHome() {
        home = folder.resolve("home");
        terminal = new RecordingTerminal(Map.of(
                "PERDURA_HOME",
                home.toString(),
                "XDG_CACHE_HOME",
                folder.resolve("cache").toString()));
    }

    /** A state file whose owner is this process, and whose worker is a process that has ended. */
    private void supervised(String phase) throws IOException {
        ProcessRef self = ProcessRef.of(ProcessHandle.current());
        Files.createDirectories(home);
        Files.writeString(home.resolve("stack.json"), """
                {"format": 2, "embedded": false, "owner": {"pid": %d, "startedAt": "%s"}, "parts": {
                  "WORKER": {"process": {"pid": %d, "startedAt": "2000-01-01T00:00:00Z"}, "port": 0, "uiPort": 0,
                    "phase": "%s", "detail": "slots: cpu", "restarts": 3}}}
                """.formatted(self.pid(), self.startedAt(), self.pid(), phase));
    }

    @ParameterizedTest
    @ValueSource(strings = {"READY", "STARTING", "RESTARTING", "UNAVAILABLE"})
    void upDoesNotSayThatAStackRunsWhosePartDoesNot(String phase) throws IOException {
        supervised(phase);
        assertThat(terminal.run("up")).isEqualTo(1);
        assertThat(terminal.err()).doesNotContain("runs already").contains(home.toString(), "worker is ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs list", "sweep list", "data list", "doctor", "status"})
    void whereNoStackRunsTheFolderIsNamed(String command) {
        terminal.run(command.split(" ", -1));
        assertThat(terminal.err() + terminal.out()).contains(home.toString());
        assertThat(terminal.err() + terminal.out()).contains("PERDURA_HOME");
    }

    @Test
    void doctorNamesFoldersThatOthersCanOpen() throws IOException {
        Files.createDirectories(home);
        Path artifacts = Files.createDirectories(folder.resolve("artifacts"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(artifacts, PosixFilePermissions.fromString("rwxrwx---"));
        terminal.run("doctor", "--artifacts", artifacts.toString());
        assertThat(terminal.out())
                .contains("✗ Other users")
                .contains(home + " can be opened", artifacts + " can be opened", "chmod -R go= " + home);

        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(artifacts, PosixFilePermissions.fromString("rwx------"));
        RecordingTerminal after = new RecordingTerminal(Map.of(
                "PERDURA_HOME",
                home.toString(),
                "XDG_CACHE_HOME",
                folder.resolve("cache").toString()));
        after.run("doctor", "--artifacts", artifacts.toString());
        assertThat(after.out()).contains("✓ Other users").doesNotContain("can be opened");
    }

    @Test
    void mlflowEnvPrintsWhatANotebookNeeds() throws IOException {
        RecordingTerminal named = new RecordingTerminal(Map.of(
                "PERDURA_HOME", home.toString(),
                "PERDURA_MLFLOW_URL", "http://h:5000",
                "PERDURA_MLFLOW_USER", "me",
                "PERDURA_MLFLOW_PASSWORD", "it's $HOME"));
        assertThat(named.run("mlflow", "env")).isZero();
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        named.out()
                                + "\necho \"$MLFLOW_TRACKING_URI $MLFLOW_TRACKING_USERNAME $MLFLOW_TRACKING_PASSWORD\"")
                .start();
        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("http://h:5000 me it's $HOME\n");
        assertThat(terminal.run("mlflow", "env")).isEqualTo(1);
        assertThat(terminal.err()).contains(home.toString());
    }

    /** A canary in every setting that is secret, and one in every address. */
    @ParameterizedTest
    @ValueSource(strings = {"doctor", "doctor --json", "status --json", "--debug gc --dry-run"})
    void noCommandShowsASecret(String command) throws IOException {
        Files.createDirectories(folder.resolve("x"));
        Path key = Files.writeString(folder.resolve("key.pem"), "CANARY-key-file");
        RecordingTerminal secretive = new RecordingTerminal(Map.ofEntries(
                Map.entry("PERDURA_HOME", home.toString()),
                Map.entry("PERDURA_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/d?connectTimeout=1"),
                Map.entry("PERDURA_DATABASE_PASSWORD", "CANARY-database"),
                Map.entry("PERDURA_TEMPORAL_ADDRESS", "127.0.0.1:1"),
                Map.entry("PERDURA_TEMPORAL_API_KEY", "CANARY-temporal"),
                Map.entry("PERDURA_TEMPORAL_TLS_CERT", key.toString()),
                Map.entry("PERDURA_TEMPORAL_TLS_KEY", key.toString()),
                Map.entry("PERDURA_MLFLOW_URL", "http://127.0.0.1:1"),
                Map.entry("PERDURA_MLFLOW_USER", "me"),
                Map.entry("PERDURA_MLFLOW_PASSWORD", "CANARY-mlflow"),
                Map.entry("PERDURA_MLFLOW_TOKEN", "CANARY-mlflow-token"),
                Map.entry("PERDURA_AIRFLOW_URL", "http://127.0.0.1:1"),
                Map.entry("PERDURA_AIRFLOW_TOKEN", "CANARY-airflow"),
                Map.entry("PERDURA_ARTIFACTS", folder.resolve("x").toString())));
        secretive.run(command.split(" ", -1));
        assertThat(secretive.out() + secretive.err()).isNotEmpty().doesNotContain("CANARY");
    }
}
