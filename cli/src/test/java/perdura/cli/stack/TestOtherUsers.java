package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.cli.settings.Setting;
import perdura.datasets.file.PrivateFiles;

/** What another user of the machine reaches of a running stack: its database, its files, its programs. */
@Timeout(600)
class TestOtherUsers {
    private static final StackOptions POSTGRES_ALONE = new StackOptions(
            StackOptions.Temporal.EMBEDDED,
            StackOptions.Mlflow.NONE,
            StackOptions.Worker.NONE,
            List.of(),
            Map.of(Setting.TEMPORAL_ADDRESS, "127.0.0.1:1"));

    @TempDir
    private static Path folder;

    private static StackHome home = new StackHome(Path.of("none"));
    private static Map<String, String> environment = Map.of();
    private static LocalStack stack;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        // Others may enter the folder of the test, as they may enter a home: what is in it must keep them out.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        home = new StackHome(folder.resolve("home"));
        environment = Map.of(
                "PATH",
                System.getenv("PATH"),
                "XDG_CACHE_HOME",
                folder.resolve("cache").toString());
        stack = LocalStack.start(home, POSTGRES_ALONE, environment);
        stack.awaitReady(PartName.POSTGRES);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static String password(String account) {
        return home.secrets().find(account).orElseThrow();
    }

    private static Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(LocalPostgres.url(port(), database), user, password);
    }

    private static int port() {
        return home.loadState().part(PartName.POSTGRES).port();
    }

    private static void run(String database, String user, String sql) throws SQLException {
        try (Connection connection = connect(database, user, password(user));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "perdura, postgres",
        "perdura, perdura",
        "perdura, perdura_reader",
        "mlflow, mlflow",
        "postgres, postgres"
    })
    void nobodyConnectsWithoutThePassword(String database, String user) {
        for (String guess : List.of("", user, "postgres", "perdura")) {
            assertThatThrownBy(() -> connect(database, user, guess))
                    .isInstanceOf(SQLException.class)
                    .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isIn("28P01", "08004", "28000"));
        }
    }

    @ParameterizedTest
    @CsvSource({"mlflow, perdura", "perdura, mlflow", "mlflow, perdura_reader", "postgres, perdura", "postgres, mlflow"
    })
    void aRoleReachesItsOwnDatabaseAlone(String database, String user) {
        assertThatThrownBy(() -> connect(database, user, password(user)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("pg_hba.conf");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY (SELECT 1) TO PROGRAM 'id'",
                "SELECT pg_read_file('/etc/passwd')",
                "CREATE ROLE another",
                "CREATE DATABASE another",
                "ALTER SYSTEM SET fsync = off",
                "SELECT passwd FROM pg_shadow"
            })
    void theRolesThatWorkMayNoMoreThanTheirTables(String sql) {
        assertThatThrownBy(() -> run("perdura", "perdura", sql))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("42501"));
    }

    @Test
    void theReaderReadsAndChangesNothing() throws SQLException {
        run("perdura", "perdura", "CREATE TABLE of_owner AS SELECT 1 AS one");
        run("perdura", "perdura_reader", "SELECT one FROM of_owner");
        for (String sql : List.of("DELETE FROM of_owner", "DROP TABLE of_owner", "CREATE TABLE own (one int)")) {
            assertThatThrownBy(() -> run("perdura", "perdura_reader", sql))
                    .isInstanceOf(SQLException.class)
                    .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("42501"));
        }
    }

    @Test
    void noSocketAndNoPasswordIsOutsideOfThePrivateFolder() throws IOException {
        List<String> pid = Files.readAllLines(home.postgres().resolve("postmaster.pid"));
        assertThat(pid.get(4)).as("folder of the socket").isBlank();
        assertThat(pid.get(5)).as("address").isEqualTo("127.0.0.1");
        List<String> secrets = List.of(password("postgres"), password("perdura"), password("mlflow"));
        try (Stream<Path> files = Files.walk(home.folder())) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(home.secrets().folder()))
                    .toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(secrets).as(file.toString()).noneMatch(text::contains);
            }
        }
        assertThat(secrets).noneMatch(commandLines()::contains);
    }

    /** What {@code ps} shows to everybody. */
    private static String commandLines() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(p -> p.getFileName().toString().matches("\\d+"))
                    .toList()) {
                try {
                    all.append(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1))
                            .append('\n');
                } catch (IOException ended) {
                    // it is gone
                }
            }
        }
        return all.toString();
    }

    @Test
    void everythingIsItsOwnersAlone() throws IOException {
        List<Path> open = new ArrayList<>();
        for (Path root : List.of(home.folder(), folder.resolve("cache").resolve("perdura"))) {
            try (Stream<Path> all = Files.walk(root)) {
                for (Path path : all.toList()) {
                    if (PrivateFiles.isOpen(path)) {
                        open.add(path);
                    }
                }
            }
        }
        assertThat(open).isEmpty();
    }

    @Test
    void aServerGetsNoVariableThatItDoesNotNeed() throws IOException {
        long pid = Objects.requireNonNull(
                        home.loadState().part(PartName.POSTGRES).process())
                .pid();
        String text = Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
        assertThat(text.split("\0"))
                .isNotEmpty()
                .allMatch(variable -> Launcher.Inherits.BASICS.has(variable.split("=", 2)[0])
                        || variable.startsWith("PG")
                        || variable.startsWith("PWD=")
                        || variable.startsWith("OLDPWD=")
                        || variable.startsWith("_=")
                        || variable.startsWith("SHLVL="));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWS_SECRET_ACCESS_KEY",
                "PERDURA_TEMPORAL_API_KEY",
                "PERDURA_DATABASE_PASSWORD",
                "HF_TOKEN",
                "SSH_AUTH_SOCK"
            })
    void secretsOfOthersAreNeverHandedOn(String variable) {
        assertThat(Launcher.Inherits.values()).noneMatch(inherits -> inherits.has(variable));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ls HOME",
                "cat HOME/stack.json",
                "cat HOME/secrets/perdura",
                "ls HOME/logs",
                "ls HOME/postgres",
                "ls CACHE",
                "touch HOME/new",
                "sh -c 'echo > CACHE/perdura/new'",
                "mv HOME HOME.moved",
                "rm -rf CACHE/perdura"
            })
    void anotherUserIsKeptOut(String command) throws IOException, InterruptedException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can be somebody else");
        String words = command.replace("HOME", home.folder().toString())
                .replace("CACHE", folder.resolve("cache").resolve("perdura").toString());
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", words)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isNotZero();
        assertThat(said).containsIgnoringCase("denied");
    }

    @Test
    void aProgramThatWasSwappedIsNotRun() throws IOException, InterruptedException {
        CacheFolder cache = new CacheFolder(folder.resolve("swapped"));
        new ProcessBuilder(
                        "cp",
                        "-a",
                        CacheFolder.of(environment).folder().toString(),
                        cache.folder().toString())
                .start()
                .waitFor();
        Launcher launcher = new Launcher(System.getenv("PATH"));
        PostgresBinaries programs = new PostgresBinaries(cache, launcher, folder.resolve("log"));
        List<String> command = programs.command("postgres", List.of("--version"));
        Path program = Path.of(command.get(command.size() - 2));
        byte[] own = Files.readAllBytes(program);
        Files.writeString(program, "#!/bin/sh\necho swapped\n");
        Files.writeString(program.resolveSibling("another"), "#!/bin/sh\n");

        programs.unpackIfMissing(what -> {});

        assertThat(Files.readAllBytes(program)).isEqualTo(own);
        assertThat(program.resolveSibling("another")).doesNotExist();
    }

    /** As stacks of before there were passwords: made by the superuser, who trusted everybody. */
    @Test
    void anOlderStackGetsPasswordsAndKeepsItsData() throws IOException, InterruptedException, SQLException {
        StackHome older = new StackHome(folder.resolve("older"));
        PrivateFiles.createDirectories(older.folder());
        try (EmbeddedPostgres trusting = EmbeddedPostgres.builder()
                        .setDataDirectory(older.postgres())
                        .setCleanDataDirectory(false)
                        .start();
                Connection superuser = trusting.getPostgresDatabase().getConnection();
                Statement statement = superuser.createStatement()) {
            statement.execute("CREATE DATABASE perdura");
            statement.execute("CREATE DATABASE mlflow");
            try (Connection made = trusting.getDatabase("postgres", "perdura").getConnection();
                    Statement sql = made.createStatement()) {
                sql.execute("CREATE TYPE mood AS ENUM ('good')");
                sql.execute("CREATE TABLE kept (id bigserial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, m mood)");
                sql.execute("INSERT INTO kept (m) VALUES ('good')");
                sql.execute("CREATE SEQUENCE apart");
                sql.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'");
                sql.execute("CREATE VIEW seen AS SELECT * FROM kept");
            }
        }
        for (int start = 0; start < 2; start++) {
            try (LocalStack upgraded = LocalStack.start(older, POSTGRES_ALONE, environment)) {
                upgraded.awaitReady(PartName.POSTGRES);
                int port = older.loadState().part(PartName.POSTGRES).port();
                String url = LocalPostgres.url(port, "perdura");
                assertThatThrownBy(() -> DriverManager.getConnection(url, "postgres", ""))
                        .isInstanceOf(SQLException.class);
                String password = older.secrets().find("perdura").orElseThrow();
                try (Connection owner = DriverManager.getConnection(url, "perdura", password);
                        Statement sql = owner.createStatement()) {
                    sql.execute("INSERT INTO kept (m) VALUES ('good')");
                    sql.execute("ALTER TABLE kept ADD COLUMN column_%d int".formatted(start));
                    sql.execute("ALTER TYPE mood ADD VALUE 'better%d'".formatted(start));
                    sql.execute("SELECT nextval('apart'), one(), count(*) FROM seen");
                    sql.execute("CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'");
                }
            }
        }
    }

    @Test
    void aCacheThatOthersCouldWriteToIsMadeAnew(@TempDir Path open) throws IOException {
        CacheFolder cache = new CacheFolder(open.resolve("perdura"));
        Files.createDirectories(cache.folder().resolve("temporal"));
        Path planted = Files.writeString(cache.folder().resolve("temporal").resolve("temporal"), "theirs");
        Files.setPosixFilePermissions(cache.folder(), PosixFilePermissions.fromString("rwxrwxrwx"));

        cache.secure();

        assertThat(planted).doesNotExist();
        assertThat(PrivateFiles.isOpen(cache.folder())).isFalse();
    }
}
