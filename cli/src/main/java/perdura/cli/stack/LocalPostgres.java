package perdura.cli.stack;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.cli.stack.StackState.PartState;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Postgres from Maven artifacts, with its data in the stack's folder. It listens on this machine alone and trusts its
 * users. It outlives the process that started it.
 */
final class LocalPostgres extends Part {
    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(10);

    private final StackHome home;
    private final CacheFolder cache;
    private @Nullable EmbeddedPostgres started;

    LocalPostgres(StackHome home, CacheFolder cache) {
        // Start: recovery after a crash replays the log first
        super(PartName.POSTGRES, Duration.ofMinutes(1), Duration.ofMinutes(1));
        this.home = home;
        this.cache = cache;
    }

    @Override
    public Started start(PartState ports, Progress progress) throws InterruptedException, UnavailablePartException {
        Optional<ProcessHandle> running = findRunning();
        if (running.isEmpty()) {
            awaitExit();
            launch(ports.port(), progress);
            running = findRunning();
        }
        // Perhaps somebody else was faster on its port; the next start has another.
        ProcessHandle process = running.orElseThrow(() -> new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE, "Postgres ended right after its start; see " + log()));
        return new Started(ProcessRef.of(process), "PostgreSQL, data in " + home.postgres());
    }

    private void launch(int port, Progress progress) throws UnavailablePartException {
        progress.report("starting");
        try {
            releaseLock();
            Files.createDirectories(home.logs());
            Files.createDirectories(cache.folder());
            ProcessBuilder.Redirect log = ProcessBuilder.Redirect.appendTo(log().toFile());
            started = EmbeddedPostgres.builder()
                    .setDataDirectory(home.postgres())
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setOverrideWorkingDirectory(
                            cache.folder().resolve("postgres").toFile())
                    .setPort(port)
                    .setPGStartupWait(patience())
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setOutputRedirector(log)
                    .setErrorRedirector(log)
                    .start();
        } catch (IOException | IllegalStateException e) {
            throw new UnavailablePartException("does not start (" + e + "); see " + log());
        }
    }

    @Override
    public void release() {
        try {
            releaseLock();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, home.postgres() + ": its lock cannot be given back", e);
        }
    }

    /** A server that died has left its lock with the library's object. */
    private void releaseLock() throws IOException {
        EmbeddedPostgres dead = started;
        if (dead != null) {
            started = null;
            dead.close();
        }
    }

    @Override
    public boolean isReady(PartState state) {
        try (Connection connection =
                DriverManager.getConnection(url(state.port(), "postgres"), StackHome.DATABASE_USER, "")) {
            createDatabase(connection, StackHome.DATABASE);
            createDatabase(connection, "mlflow");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private static void createDatabase(Connection connection, String name) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement("SELECT 1 FROM pg_database WHERE datname = ?")) {
            find.setString(1, name);
            if (find.executeQuery().next()) {
                return;
            }
        }
        try (Statement create = connection.createStatement()) {
            create.execute("CREATE DATABASE " + name);
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
}
