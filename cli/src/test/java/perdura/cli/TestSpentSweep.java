package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.plan.SweepSubmission;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepStatus;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.SweepControl;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.TrialLeases;
import perdura.testkit.FreshDatabase;
import perdura.testkit.Repository;

/** A sweep whose time is spent, on a real Postgres; Temporal is not asked, as nothing starts. */
class TestSpentSweep {
    private static final String SWEEP = """
            apiVersion: perdura/v1
            kind: Sweep
            name: spent
            task: no-op
            base: {epochs: 2, steps: 1}
            matrix: {value: [0.1, 0.2], seeds: [1]}
            objective: {metric: score, goal: max}
            budget: {wallTime: 60s}
            """;

    @TempDir
    private Path folder;

    private FreshDatabase postgres;
    private Database database;
    private RecordingTerminal terminal = new RecordingTerminal(Map.of());
    private Path file;
    private String sweep;

    @BeforeEach
    void spend() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        file = Files.writeString(folder.resolve("spent.yaml"), SWEEP);
        submit(file);
        database.write(handle -> handle.execute("UPDATE sweep SET runs_since = clock_timestamp() - interval '61 s'"));
        new SweepControl(database).end(sweep, null);
    }

    private SweepExpansion submit(Path submitted) {
        SweepSubmission submission = new SweepSubmission(database, folder.resolve("artifacts"));
        SweepExpansion expansion = submission.read(
                submitted.toString(),
                (tasks, references) ->
                        SweepReader.read(submitted, List.of(), tasks.schemas(), references, SweepReader.MOST_TRIALS));
        sweep = submission.submit(expansion, submission.plan(expansion, false), false);
        return expansion;
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private int run(String... arguments) {
        terminal = RecordingTerminal.on(postgres.jdbcUrl(), folder);
        return terminal.run(arguments);
    }

    @Test
    void itSaysWhyItCannotGoOnAndStaysAsItIs() {
        assertThat(new Sweeps(database).load(sweep).status()).isEqualTo(SweepStatus.STOPPED);
        for (String[] command : List.of(
                new String[] {"sweep", "resume", sweep},
                new String[] {"sweep", "extend", sweep, "-f", file.toString()},
                new String[] {"sweep", "submit", "-f", file.toString()})) {
            assertThat(run(command)).as(terminal.err()).isEqualTo(1);
            assertThat(terminal.err())
                    .contains("Sweep " + sweep + " can't go on: the budget of 1m of wall time is spent")
                    .contains("perdura sweep extend " + sweep);
            assertThat(new Sweeps(database).load(sweep).status()).isEqualTo(SweepStatus.STOPPED);
        }
    }

    @Test
    void afterTheFailureThatItDoesNotOutliveItSaysWhyNothingRuns() throws IOException {
        Path failing = Repository.resolve("reference/cases/sweeps/ff.yaml");
        SweepExpansion expansion = submit(failing);
        String trial = new TrialLeases(database)
                .lease(sweep, expansion.spec(), List.of(), "execution", "question", 1)
                .trials()
                .get(0)
                .trialKey();
        SweepTrials trials = new SweepTrials(database);
        trials.begin(sweep, trial);
        trials.failed(sweep, trial, "execution", "TRAINING_DIVERGED", "the loss is NaN");
        new SweepControl(database).end(sweep, null);
        SweepStatus ended = new Sweeps(database).load(sweep).status();
        for (String[] command : List.of(
                new String[] {"sweep", "resume", sweep},
                new String[] {"sweep", "extend", sweep, "-f", failing.toString()})) {
            assertThat(run(command)).as(terminal.err()).isEqualTo(1);
            assertThat(terminal.err()).contains("Sweep " + sweep + " can't go on: ", "fail-fast");
            assertThat(new Sweeps(database).load(sweep).status()).isEqualTo(ended);
        }
    }
}
