package perdura.cli.stack;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import perdura.cli.stack.Launcher.Inherits;
import perdura.cli.stack.StackState.PartState;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.FileTree;
import perdura.datasets.file.PrivateFiles;
import perdura.experiments.compare.MlflowPages;
import perdura.grids.spec.Advice;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.http.JsonService;
import perdura.store.relay.MlflowConfig;

/** The real MLflow server in its private environment, on a database of its own in the local Postgres. */
final class LocalMlflow extends Part {
    static final String NO_PYTHON = "no Python 3.10+ with venv here: the outbox keeps every metric, and "
            + Advice.MLFLOW_SYNC.in() + " delivers them to any MLflow later";

    private static final Map<String, String> SWITCHES = Map.of(
            "MLFLOW_DISABLE_TELEMETRY", "true",
            "DO_NOT_TRACK", "true",
            // Its programs are compared with a list at each start.
            "PYTHONDONTWRITEBYTECODE", "true",
            // Off, it has 2 processes instead of 10, and a third of the memory.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final StackHome home;
    private final Launcher launcher;
    private final MlflowEnvironment environment;
    private final IntSupplier postgresPort;
    private volatile @Nullable Server server;

    LocalMlflow(StackHome home, CacheFolder cache, Launcher launcher, IntSupplier postgresPort) {
        // Start: 15 to 42 s as measured, 105 s on a busy machine; the tables are made at the first start.
        // End: 3 s as measured
        super(PartName.MLFLOW, Duration.ofMinutes(3), Duration.ofSeconds(15));
        this.home = home;
        this.launcher = launcher;
        this.environment = new MlflowEnvironment(cache, launcher, home.logs().resolve("mlflow-install.log"));
        this.postgresPort = postgresPort;
    }

    @Override
    public void prepare(Progress progress) throws InterruptedException, UnavailablePartException {
        if (!environment.isPossible()) {
            throw new UnavailablePartException(NO_PYTHON);
        }
        if (!environment.installIfMissing(progress)) {
            throw new UnavailablePartException("cannot be installed (see "
                    + home.logs().resolve("mlflow-install.log") + "): the outbox keeps every metric, and "
                    + Advice.MLFLOW_SYNC.in() + " delivers them later");
        }
    }

    @Override
    public Started start(PartState ports, Progress progress) {
        progress.report("starting (up to a minute)");
        Process process = launcher.start(
                command(environment.bin(), ports.port()),
                Inherits.BASICS,
                variables(),
                home.logs().resolve("mlflow.log"));
        return new Started(ProcessRef.of(process.toHandle()), MlflowPages.all("http://127.0.0.1:" + ports.port()));
    }

    /** A command line can be read by every user of the machine, variables by their owner alone. */
    private Map<String, String> variables() {
        Secrets secrets = home.secrets();
        Map<String, String> variables = new LinkedHashMap<>(SWITCHES);
        variables.put("PGPASSWORD", secrets.findOrMake(StackHome.MLFLOW));
        variables.put("MLFLOW_FLASK_SERVER_SECRET_KEY", secrets.findOrMake("mlflow-cookies"));
        variables.put("MLFLOW_AUTH_ADMIN_USERNAME", StackHome.MLFLOW_USER);
        variables.put("MLFLOW_AUTH_ADMIN_PASSWORD", findOrMakeLogin(home));
        variables.put("MLFLOW_AUTH_CONFIG_PATH", loginSettings().toString());
        return variables;
    }

    /**
     * The password of the login, which gets one if it has none: before any part starts, as the worker takes it and waits for no MLflow. The
     * users lie in a file of their own, which goes with a password that is lost.
     */
    static String findOrMakeLogin(StackHome home) {
        Secrets secrets = home.secrets();
        try {
            if (secrets.find(StackHome.MLFLOW_LOGIN).isEmpty()) {
                Files.deleteIfExists(users(home));
            }
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, users(home) + " cannot be removed (" + e + ")", e);
        }
        return secrets.findOrMake(StackHome.MLFLOW_LOGIN);
    }

    private static Path users(StackHome home) {
        return home.folder().resolve("mlflow-users.db");
    }

    /** Without the cache each request would cost the time that a password is made to cost. */
    private Path loginSettings() {
        Path file = home.folder().resolve("mlflow-login.ini");
        String text = """
                [mlflow]
                default_permission = NO_PERMISSIONS
                database_uri = sqlite:///%s
                auth_cache_ttl_seconds = 600
                """.formatted(users(home));
        try {
            AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, file + " cannot be written (" + e + ")", e);
        }
        return file;
    }

    private List<String> command(Path bin, int port) {
        // "postgresql://" alone would mean another driver.
        String store = "postgresql+psycopg2://" + StackHome.MLFLOW + "@127.0.0.1:" + postgresPort.getAsInt() + "/"
                + StackHome.MLFLOW;
        return Launcher.command(
                "{} server --app-name basic-auth --backend-store-uri {} --artifacts-destination {} --serve-artifacts --host 127.0.0.1"
                        + " --port {} --workers 1",
                bin.resolve("mlflow"),
                store,
                home.mlflowArtifacts(),
                port);
    }

    @Override
    public boolean isReady(PartState state) {
        Server asked = server;
        if (asked == null || asked.port() != state.port()) {
            asked = Server.at(state.port(), home.secrets().findOrMake(StackHome.MLFLOW_LOGIN));
            server = asked;
        }
        try {
            return Ports.isOpen(state.port()) && asked.config().askStatus(asked.service(), ANSWER) == 200;
        } catch (PerduraException e) {
            return false;
        }
    }

    /** Where it was asked last. It is asked several times a second, by one client. */
    private record Server(int port, MlflowConfig config, JsonService service) {
        static Server at(int port, String password) {
            URI address = URI.create("http://127.0.0.1:" + port);
            MlflowConfig config = new MlflowConfig(address, StackHome.MLFLOW_USER, password, null);
            return new Server(port, config, config.service(DurableEffects.counting(), CONNECT));
        }
    }

    /** MLflow's private Python environment in the cache, made once from the pinned list. */
    static final class MlflowEnvironment {
        private static final String REQUIREMENTS = "mlflow/requirements.txt";
        // The oldest Python that the pinned versions run on; ensurepip is what Debian splits off.
        private static final String PROBE = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";

        private final CacheFolder cache;
        private final Launcher launcher;
        private final Path log;

        MlflowEnvironment(CacheFolder cache, Launcher launcher, Path log) {
            this.cache = cache;
            this.launcher = launcher;
            this.log = log;
        }

        /** Whether {@link #installIfMissing} has a chance. */
        boolean isPossible() throws InterruptedException {
            return programs().isSealed() || findPython().isPresent();
        }

        /** Whether the environment is there now; not if there is no usable Python, or if the installation failed. */
        boolean installIfMissing(Part.Progress progress) throws InterruptedException {
            Optional<Path> python = findPython();
            try {
                cache.exclusively("mlflow", log, progress, () -> {
                    if (!programs().isIntact() && python.isPresent()) {
                        progress.report(
                                "installing MLflow into a private environment, once for this machine (1 to 3 minutes)");
                        FileTree.delete(folder());
                        install(python.get());
                    }
                });
                return programs().isIntact();
            } catch (IOException e) {
                progress.report("MLflow cannot be installed: " + e.getMessage());
                return false;
            }
        }

        /** Where its programs are. */
        Path bin() {
            return folder().resolve("bin");
        }

        Path folder() {
            return cache.folder().resolve("mlflow").resolve(CacheFolder.shortHash(CacheFolder.tool(REQUIREMENTS)));
        }

        private SealedFolder programs() {
            return new SealedFolder(folder());
        }

        private Optional<Path> findPython() throws InterruptedException {
            Optional<Path> python = launcher.findProgram("python3");
            if (python.isPresent()
                    && launcher.run(List.of(python.get().toString(), "-c", PROBE), Inherits.FETCHING, Map.of(), log)
                            != 0) {
                return Optional.empty();
            }
            return python;
        }

        private void install(Path python) throws IOException, InterruptedException {
            Path folder = folder();
            PrivateFiles.createDirectories(folder);
            Path requirements = folder.resolve("requirements.txt");
            Files.write(requirements, CacheFolder.tool(REQUIREMENTS));
            Path inside = folder.resolve("bin").resolve("python");
            Optional<Path> uv = launcher.findProgram("uv");
            boolean done = uv.isPresent()
                    ? runs("{} venv --allow-existing --python {} {}", uv.get(), python, folder)
                            && runs(
                                    "{} pip install --python {} --compile-bytecode --no-deps --require-hashes -r {}",
                                    uv.get(),
                                    inside,
                                    requirements)
                    : runs("{} -m venv {}", python, folder)
                            && runs("{} -m pip install --no-deps --require-hashes -r {}", inside, requirements);
            if (done) {
                programs().seal();
            }
        }

        private boolean runs(String words, Object... arguments) throws InterruptedException {
            return launcher.run(Launcher.command(words, arguments), Inherits.FETCHING, Map.of(), log) == 0;
        }
    }
}
