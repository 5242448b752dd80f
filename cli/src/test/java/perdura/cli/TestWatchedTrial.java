package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;

/** A trial's run is no pre-training: {@code runs watch} follows it without reading its spec as one. */
class TestWatchedTrial {
    @TempDir
    private Path folder;

    private FreshDatabase postgres;
    private Database database;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @ParameterizedTest
    @CsvSource({"0, waiting for a worker", "20, preparing the model"})
    void aTrialIsWatchedToItsEnd(long totalSteps, String phase) {
        Runs runs = new Runs(database);
        RunId trial = new StoredSample(database, "watched").begin();
        assertThat(runs.loadRun(trial).identity().kind()).isEqualTo(RunKind.TRIAL);
        if (totalSteps > 0) {
            runs.recordPlan(trial, null, totalSteps);
        }
        RecordingTerminal terminal = RecordingTerminal.on(postgres.jdbcUrl(), folder);
        CompletableFuture<Integer> watch =
                CompletableFuture.supplyAsync(() -> terminal.run("runs", "watch", trial.value()));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> watch.isDone() || terminal.err().contains(phase));
        runs.finishRun(trial, RunStatus.FINISHED, null, null);

        assertThat(watch.join()).as(terminal.err()).isZero();
        assertThat(terminal.out()).contains(trial + " FINISHED");
    }
}
