package perdura.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.cli.stack.Launcher.Inherits;
import perdura.cli.stack.StackState.PartState;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.FileTree;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Postgres from Maven artifacts, with its data in the stack's folder. It listens on this machine alone, asks everybody for a
 * password, and has a role for each who uses it. It outlives the process that started it.
 */
final class LocalPostgres extends Part {
    /** May do all, so that nobody works as it. */
    static final String ADMIN = "postgres";

    private static final Logger LOG = LoggerFactory.getLogger(LocalPostgres.class);

    // https://www.postgresql.org/docs/17/errcodes-appendix.html
    private static final String STARTING_UP = "57P03";
    private static final String NOT_CONNECTED = "08";

    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(10);

    private static final String ACCESS = """
            # Written by Perdura, which writes it again at each start: each role reaches its own database, with its password.
            # TYPE  DATABASE  USER                     ADDRESS       METHOD
            host    perdura   perdura,perdura_reader   127.0.0.1/32  scram-sha-256
            host    mlflow    mlflow                   127.0.0.1/32  scram-sha-256
            host    all       postgres                 127.0.0.1/32  scram-sha-256
            """;

    private final StackHome home;
    private final Launcher launcher;
    private final PostgresBinaries programs;

    LocalPostgres(StackHome home, CacheFolder cache, Launcher launcher) {
        // Start: recovery after a crash replays the log first
        super(PartName.POSTGRES, Duration.ofMinutes(1), Duration.ofMinutes(1));
        this.home = home;
        this.launcher = launcher;
        this.programs = new PostgresBinaries(cache, launcher, log());
    }

    @Override
    public void prepare(Progress progress) throws InterruptedException, UnavailablePartException {
        try {
            programs.unpackIfMissing(progress);
        } catch (IOException e) {
            throw new UnavailablePartException("cannot be unpacked: " + e.getMessage());
        }
    }

    @Override
    public Started start(PartState ports, Progress progress) throws InterruptedException, UnavailablePartException {
        progress.report("starting");
        try {
            if (findRunning().isPresent() && !asksForPasswords()) {
                requestStop(findRunning().orElseThrow());
            }
            if (findRunning().isEmpty() || !asksForPasswords()) {
                awaitExit();
                makeData();
                askForPasswords();
                return started(launch(ports.port()));
            }
            return started(findRunning().orElseThrow());
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE, "Postgres does not start (" + e + "); see " + log(), e);
        }
    }

    private Started started(ProcessHandle process) {
        return new Started(ProcessRef.of(process), "PostgreSQL, data in " + home.postgres());
    }

    private ProcessHandle launch(int port) throws IOException {
        List<String> arguments = Launcher.command(
                "-D {} -p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=on"
                        + " -c synchronous_commit=on -c full_page_writes=on",
                home.postgres(),
                port);
        return launcher.start(programs.command("postgres", arguments), Inherits.BASICS, Map.of(), log())
                .toHandle();
    }

    /** Beside its place first: a data folder is whole, or not there. */
    private void makeData() throws IOException, InterruptedException, UnavailablePartException {
        if (home.holdsData()) {
            return;
        }
        Path beside = home.postgres().resolveSibling("postgres.new");
        FileTree.delete(beside);
        Secrets secrets = home.secrets();
        secrets.findOrMake(ADMIN);
        List<String> arguments = Launcher.command(
                "-D {} -U {} -E UTF-8 --auth scram-sha-256 --pwfile {}", beside, ADMIN, secrets.file(ADMIN));
        int status = launcher.run(programs.command("initdb", arguments), Inherits.BASICS, Map.of(), log());
        if (status != 0) {
            throw new UnavailablePartException(
                    "its data folder cannot be made (initdb ended with " + status + "); see " + log());
        }
        Files.writeString(beside.resolve("pg_hba.conf"), ACCESS);
        FileTree.delete(home.postgres());
        Files.move(beside, home.postgres(), StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean asksForPasswords() throws IOException {
        Path file = home.postgres().resolve("pg_hba.conf");
        return home.secrets().find(ADMIN).isPresent()
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.readString(file).equals(ACCESS);
    }

    /** Data of a stack that trusted everybody, or whose passwords were lost: gives the role that may do all a password. */
    private void askForPasswords() throws IOException, InterruptedException {
        if (asksForPasswords()) {
            return;
        }
        Secrets secrets = home.secrets();
        String password = secrets.find(ADMIN).orElseGet(Secrets::random);
        Path script = home.postgres().resolveSibling("password.sql");
        String sql = "ALTER ROLE postgres PASSWORD '" + password + "'\n";
        AtomicFile.write(script, sql.getBytes(StandardCharsets.UTF_8));
        try {
            // Alone with its data it serves nobody meanwhile, and asks for no password.
            List<String> alone = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" <\"$0\"", script.toString()));
            alone.addAll(programs.command("postgres", Launcher.command("--single -D {} postgres", home.postgres())));
            int status = launcher.run(alone, Inherits.BASICS, Map.of(), log());
            if (status != 0) {
                throw new IOException("the password of the role postgres cannot be set: it ended with " + status);
            }
        } finally {
            Files.deleteIfExists(script);
        }
        secrets.save(ADMIN, password);
        AtomicFile.write(home.postgres().resolve("pg_hba.conf"), ACCESS.getBytes(StandardCharsets.UTF_8));
    }

    /** What an older stack made as the role that may do all belongs to the role that works with it. */
    private static final String HAND_OVER = """
            DO $$
            DECLARE thing record;
            BEGIN
                ALTER SCHEMA public OWNER TO OWNER_ROLE;
                REVOKE ALL ON SCHEMA public FROM PUBLIC;
                FOR thing IN
                    SELECT c.oid::regclass AS name FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = 'postgres'::regrole
                      AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
                                      AND d.classid = 'pg_class'::regclass)
                LOOP
                    EXECUTE format('ALTER TABLE %s OWNER TO OWNER_ROLE', thing.name);
                END LOOP;
                FOR thing IN
                    SELECT p.oid::regprocedure AS name FROM pg_proc p
                    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = 'postgres'::regrole
                LOOP
                    EXECUTE format('ALTER ROUTINE %s OWNER TO OWNER_ROLE', thing.name);
                END LOOP;
                FOR thing IN
                    SELECT t.oid::regtype AS name FROM pg_type t
                    WHERE t.typnamespace = 'public'::regnamespace AND t.typowner = 'postgres'::regrole
                      AND t.typtype IN ('e', 'd')
                LOOP
                    EXECUTE format('ALTER TYPE %s OWNER TO OWNER_ROLE', thing.name);
                END LOOP;
            END
            $$
            """;

    private static final String LET_READ = """
            GRANT USAGE ON SCHEMA public TO perdura_reader;
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO perdura_reader;
            ALTER DEFAULT PRIVILEGES FOR ROLE perdura IN SCHEMA public GRANT SELECT ON TABLES TO perdura_reader
            """;

    @Override
    public boolean isReady(PartState state) {
        Optional<String> password = home.secrets().find(ADMIN);
        if (password.isEmpty() || !Ports.isOpen(state.port())) {
            return false;
        }
        try {
            setUp(state.port(), password.get());
            return true;
        } catch (SQLException e) {
            String status = String.valueOf(e.getSQLState());
            if (!status.equals(STARTING_UP) && !status.startsWith(NOT_CONNECTED)) {
                LOG.warn("Postgres cannot be set up: {}", e.getMessage());
            }
            return false;
        }
    }

    private void setUp(int port, String password) throws SQLException {
        try (Connection admin = DriverManager.getConnection(url(port, ADMIN), ADMIN, password)) {
            new Accounts(admin, home.secrets()).make();
        }
        for (String database : List.of(StackHome.DATABASE, StackHome.MLFLOW)) { // each belongs to the role of its name
            try (Connection admin = DriverManager.getConnection(url(port, database), ADMIN, password);
                    Statement statement = admin.createStatement()) {
                statement.execute(HAND_OVER.replace("OWNER_ROLE", database));
                if (database.equals(StackHome.DATABASE)) {
                    statement.execute(LET_READ);
                }
            }
        }
    }

    static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Interrupt means: end all sessions, roll back, write everything out. Terminate would wait for the sessions. */
    @Override
    public void requestStop(ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, "the program 'kill' cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path log() {
        return home.logs().resolve("postgres.log");
    }

    /** A killed server that its parent has not waited for yet still looks alive to a new one, which then refuses to start. */
    private void awaitExit() throws InterruptedException {
        long deadline = System.nanoTime() + EXIT_PATIENCE.toNanos();
        while (findHolder().isPresent() && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
    }

    /** The server that holds the data folder: its own file says which process it is. */
    private Optional<ProcessHandle> findRunning() {
        return findHolder().filter(LocalPostgres::isPostgres);
    }

    private Optional<ProcessHandle> findHolder() {
        Path pidFile = home.postgres().resolve("postmaster.pid");
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return ProcessHandle.of(Long.parseLong(lines.get(0).trim())).filter(ProcessHandle::isAlive);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private static boolean isPostgres(ProcessHandle process) {
        return process.info()
                .command()
                .map(command -> command.endsWith("postgres"))
                .orElse(false);
    }

    /**
     * The roles and databases, each role with what it needs: {@code perdura} and {@code mlflow} own their databases, and
     * {@code perdura_reader} reads Perdura's.
     */
    private record Accounts(Connection admin, Secrets secrets) {
        void make() throws SQLException {
            // So that no log of the server holds a password.
            run("SET log_statement = none; SET log_min_duration_statement = -1; SET log_min_error_statement = panic");
            role(StackHome.DATABASE_USER);
            role(StackHome.MLFLOW);
            role(StackHome.READER);
            database(StackHome.DATABASE, StackHome.DATABASE_USER);
            database(StackHome.MLFLOW, StackHome.MLFLOW);
            run("GRANT CONNECT ON DATABASE perdura TO perdura_reader");
        }

        private void role(String name) throws SQLException {
            if (!exists("SELECT 1 FROM pg_roles WHERE rolname = ?", name)) {
                run("CREATE ROLE " + name);
            }
            run("ALTER ROLE " + name + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS");
            run("ALTER ROLE " + name + " PASSWORD '" + secrets.findOrMake(name) + "'");
        }

        private void database(String name, String owner) throws SQLException {
            if (!exists("SELECT 1 FROM pg_database WHERE datname = ?", name)) {
                run("CREATE DATABASE " + name + " OWNER " + owner);
            }
            run("ALTER DATABASE " + name + " OWNER TO " + owner);
            run("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
        }

        private boolean exists(String query, String name) throws SQLException {
            try (PreparedStatement find = admin.prepareStatement(query)) {
                find.setString(1, name);
                return find.executeQuery().next();
            }
        }

        private void run(String sql) throws SQLException {
            try (Statement statement = admin.createStatement()) {
                statement.execute(sql);
            }
        }
    }
}
