package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;

/** What doctor says of rows that wait for MLflow. */
class TestDoctorOutbox {
    @TempDir
    private Path folder;

    private FreshDatabase postgres;
    private Database database;

    @BeforeEach
    void createRun() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        new Runs(database)
                .createRun(new NewRun(
                        new RunId("probe-1"),
                        new Run.Identity("tests", "probe", RunKind.PRETRAIN, "{}", "h", 1),
                        Map.of(),
                        Map.of()));
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private String doctor(String... flags) {
        RecordingTerminal terminal = RecordingTerminal.on(postgres.jdbcUrl(), folder);
        String[] arguments = new String[1 + flags.length];
        arguments[0] = "doctor";
        System.arraycopy(flags, 0, arguments, 1, flags.length);
        terminal.run(arguments);
        return terminal.out();
    }

    @Test
    void rowsThatNobodyDeliversAreAComplaintWhereThereIsAnMlflow() {
        String[] mlflow = {"--mlflow-url", "http://127.0.0.1:1"};
        assertThat(doctor(mlflow)).contains("✓ Outbox: 2 rows waiting for MLflow");

        database.write(handle -> handle.execute("UPDATE outbox SET due_at = due_at - interval '16 min'"));
        assertThat(doctor(mlflow))
                .contains("✗ Outbox: 2 rows waiting for MLflow, the oldest for 16 min")
                .contains("perdura mlflow sync");
        assertThat(doctor()).contains("✓ Outbox: 2 rows waiting for MLflow");

        database.write(handle -> handle.execute("UPDATE outbox SET due_at = clock_timestamp() + interval '1 min'"));
        assertThat(doctor(mlflow)).contains("✓ Outbox: 2 rows waiting for MLflow");
    }
}
