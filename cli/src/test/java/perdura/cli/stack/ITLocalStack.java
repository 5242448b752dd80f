package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.settings.Setting;

/** The background stack with a real Postgres, the embedded Temporal and a real worker: kept, taken over, ended. */
class ITLocalStack {
    private static final StackOptions OPTIONS = new StackOptions(
            StackOptions.Temporal.EMBEDDED,
            StackOptions.Mlflow.NONE,
            StackOptions.Worker.LOCAL,
            List.of("cpu"),
            Map.of());

    @TempDir
    private Path folder;

    private final List<String> told = new ArrayList<>();
    private StackHome home = new StackHome(Path.of("none"));
    private StackControl control = new StackControl(home, Map.of());

    @BeforeEach
    void chooseFolder() {
        home = new StackHome(folder.resolve("home"));
        control = new StackControl(home, System.getenv());
    }

    @AfterEach
    void endEverything() {
        control.stop();
    }

    private ProcessHandle process(PartName name) {
        ProcessRef process = home.loadState().part(name).process();
        return Objects.requireNonNull(process).find().orElseThrow();
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = connect();
                Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }

    private Connection connect() throws SQLException {
        int port = home.loadState().part(PartName.POSTGRES).port();
        return DriverManager.getConnection(
                LocalPostgres.url(port, StackHome.DATABASE),
                StackHome.DATABASE_USER,
                home.secrets().find(StackHome.DATABASE_USER).orElseThrow());
    }

    private String select(String query) throws SQLException {
        try (Connection connection = connect();
                Statement run = connection.createStatement();
                ResultSet rows = run.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void aKilledSupervisorLosesNothingAndTheNextOneTakesOver() throws Exception {
        control.start(OPTIONS, told::add);
        assertThat(told).contains("Postgres: ready", "Temporal: ready", "worker: ready");
        assertThat(select("SHOW fsync")).isEqualTo("on");
        assertThat(select("SHOW synchronous_commit")).isEqualTo("on");
        sql("CREATE TABLE kept AS SELECT 42 AS answer");

        long postgres = process(PartName.POSTGRES).pid();
        long temporal = process(PartName.TEMPORAL).pid();
        killAndAwait(home.loadState().owner());
        assertThat(home.loadState().isOwned()).isFalse();
        assertThat(home.loadState().isAnythingAlive()).isTrue();

        control.start(OPTIONS, told::add);
        assertThat(process(PartName.POSTGRES).pid()).isEqualTo(postgres);
        assertThat(process(PartName.TEMPORAL).pid()).isEqualTo(temporal);

        assertThat(control.stop()).isTrue();
        assertThat(home.loadState().isAnythingAlive()).isFalse();
        assertThat(ProcessHandle.of(postgres)).isEmpty();

        control.start(OPTIONS, told::add);
        assertThat(select("SELECT answer FROM kept")).isEqualTo("42");
    }

    @Test
    void leftOversOfAKilledSupervisorAreEnded() throws Exception {
        control.start(OPTIONS, told::add);
        List<ProcessHandle> parts =
                List.of(process(PartName.POSTGRES), process(PartName.TEMPORAL), process(PartName.WORKER));
        killAndAwait(home.loadState().owner());
        assertThat(control.stop()).isTrue();
        assertThat(parts).noneMatch(ProcessHandle::isAlive);
        assertThat(control.stop()).isFalse();
    }

    /** What the parts write lies in the home: logs, Postgres's files, the state file. */
    @Test
    void noSecretIsWrittenDownButInItsFile() throws Exception {
        StackOptions secretive = new StackOptions(
                StackOptions.Temporal.EMBEDDED,
                StackOptions.Mlflow.NONE,
                StackOptions.Worker.LOCAL,
                List.of("cpu"),
                Map.of(
                        Setting.AIRFLOW_URL, "http://127.0.0.1:1",
                        Setting.AIRFLOW_TOKEN, "CANARY-airflow-token",
                        Setting.MLFLOW_URL, "http://127.0.0.1:1",
                        Setting.MLFLOW_USER, "me",
                        Setting.MLFLOW_PASSWORD, "CANARY-mlflow-password"));
        control.start(secretive, told::add);
        assertThat(told).contains("worker: ready");
        List<String> secrets = new ArrayList<>(List.of("CANARY"));
        try (Stream<Path> files = Files.list(home.secrets().folder())) {
            for (Path file : files.toList()) {
                secrets.add(Files.readString(file).strip());
            }
        }
        assertThat(secrets).hasSizeGreaterThan(3);
        for (Path process : list(Path.of("/proc"))) {
            String line = read(process.resolve("cmdline"));
            assertThat(secrets).as(line).noneMatch(line::contains);
        }
        assertThat(secrets).noneMatch(told.toString()::contains);
        assertThat(control.stop()).isTrue();
        try (Stream<Path> files = Files.walk(home.folder())) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(home.secrets().folder()))
                    .toList()) {
                String text = read(file);
                assertThat(secrets).as(file.toString()).noneMatch(text::contains);
            }
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).matches("\\d+"))
                    .toList();
        }
    }

    /** Empty where it has gone meanwhile. */
    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    private static void killAndAwait(@Nullable ProcessRef process) throws InterruptedException, ExecutionException {
        ProcessHandle handle = Objects.requireNonNull(process).find().orElseThrow();
        handle.destroyForcibly();
        handle.onExit().get();
    }
}
