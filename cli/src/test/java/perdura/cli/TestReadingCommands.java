package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.words.Terminal;
import perdura.grids.spec.DurableEffects;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import picocli.CommandLine;

/** Commands that only ask leave the schema as it is, on a real Postgres. */
class TestReadingCommands {
    private static final String TABLES =
            "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')";

    /** Arguments of every command that reads, by its words. */
    private static final Map<String, String> READING = Map.ofEntries(
            Map.entry("pretrain", "-f SPEC --dry-run"),
            Map.entry("runs list", ""),
            Map.entry("runs show", "r-1"),
            Map.entry("runs watch", "r-1"),
            Map.entry("sweep plan", "-f SWEEP"),
            Map.entry("sweep check", "-f SWEEP"),
            Map.entry("sweep watch", "s-1"),
            Map.entry("sweep list", ""),
            Map.entry("sweep grids", ""),
            Map.entry("leaderboard", "s-1"),
            Map.entry("compare", "s-1"),
            Map.entry("report", "s-1 --no-log"),
            Map.entry("report paper", "prior"),
            Map.entry("figures", "r-1"),
            Map.entry("data list", ""),
            Map.entry("data show", "d"),
            Map.entry("data split", "d --method official"),
            Map.entry("data leaks", "d e"),
            Map.entry("data batches", "d"));

    private static EmbeddedPostgres postgres;

    @TempDir
    private Path folder;

    private Path spec = Path.of("");
    private Path sweep = Path.of("");

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    private static String url(String database) {
        return "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + database;
    }

    private static long ask(String database, String sql) throws SQLException {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void run(String database, String sql) throws SQLException {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @BeforeEach
    void writeSpecs() throws IOException {
        spec = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: p
                method: prior
                profile: tiny
                data: {dataset: d}
                """);
        sweep = Files.writeString(folder.resolve("sweep.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: try
                task: no-op
                matrix: {value: [0.1], seeds: [7]}
                objective: {metric: score, goal: max}
                """);
    }

    /** What a command says on a database that lacks migrations. */
    private String refusal(String database, String words) {
        List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
        for (String argument : Objects.requireNonNull(READING.get(words)).split(" ", -1)) {
            if (!argument.isEmpty()) {
                arguments.add(argument.replace("SPEC", spec.toString()).replace("SWEEP", sweep.toString()));
            }
        }
        RecordingTerminal terminal = RecordingTerminal.on(url(database), folder);
        int status = terminal.run(arguments.toArray(String[]::new));
        assertThat(status).as(words).isEqualTo(ErrorPrinter.FAILED);
        return terminal.err();
    }

    @Test
    void anEmptyDatabaseStaysEmpty() throws SQLException {
        run("postgres", "CREATE DATABASE nothing");
        for (String words : READING.keySet()) {
            assertThat(refusal("nothing", words)).as(words).contains("schema", "perdura up");
            assertThat(ask("nothing", TABLES)).as(words).isZero();
        }
    }

    @Test
    void anOlderSchemaStaysAsItIs() throws SQLException {
        run("postgres", "CREATE DATABASE older");
        Database.open(
                        new DatabaseConfig(url("older"), "postgres", "postgres"),
                        DurableEffects.counting(),
                        Duration.ofSeconds(30))
                .close();
        run(
                "older",
                "DELETE FROM flyway_schema_history WHERE installed_rank = (SELECT max(installed_rank) FROM flyway_schema_history)");
        long applied = ask("older", "SELECT count(*) FROM flyway_schema_history");
        for (String words : READING.keySet()) {
            assertThat(refusal("older", words)).as(words).contains("schema", "perdura up");
            assertThat(ask("older", "SELECT count(*) FROM flyway_schema_history"))
                    .as(words)
                    .isEqualTo(applied);
        }
    }

    /** A new command is either among those above, or says that it changes the store. */
    @Test
    void everyCommandThatReadsIsLookedAt() {
        List<String> reading = new ArrayList<>();
        collect(new Main(Terminal.ofProcess()).commandLine(), "", reading);
        assertThat(READING.keySet()).containsAll(reading);
    }

    private static void collect(CommandLine line, String words, List<String> reading) {
        if (line.getCommandSpec().userObject() instanceof Subcommand.Connected command
                && command.access() == Connections.Access.READ) {
            reading.add(words);
        }
        line.getSubcommands()
                .forEach((name, sub) -> collect(sub, words.isEmpty() ? name : words + " " + name, reading));
    }
}
