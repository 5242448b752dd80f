package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        return DriverManager.getConnection(LocalPostgres.url(port, StackHome.DATABASE),
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

    private static void killAndAwait(@Nullable ProcessRef process) throws InterruptedException, ExecutionException {
        ProcessHandle handle = Objects.requireNonNull(process).find().orElseThrow();
        handle.destroyForcibly();
        handle.onExit().get();
    }
}
