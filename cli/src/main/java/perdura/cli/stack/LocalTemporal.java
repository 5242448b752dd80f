package perdura.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.activities.worker.TemporalConfig;
import perdura.activities.worker.TemporalConnection;
import perdura.cli.stack.Launcher.Inherits;
import perdura.cli.stack.StackState.PartState;
import perdura.datasets.file.FileTree;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.Advice;
import perdura.grids.spec.PerduraException;

/** Temporal: the real server as one process over a SQLite file, or the embedded test service. */
final class LocalTemporal extends Part {
    static final String EMBEDDED_DETAIL =
            "EMBEDDED TEST SERVICE: workflows live in its memory; after a stop " + Advice.RESUME.in("RUN") + " goes on";

    /** A program of its own module: a test service is no part of what runs in production. */
    private static final String EMBEDDED = "perdura.embedded.EmbeddedTemporal";

    /** Where the start script says that the module lies; not set where it is on the class path. */
    static final String EMBEDDED_CLASS_PATH = "perdura.embedded.class.path";

    private final StackHome home;
    private final Launcher launcher;
    private final TemporalBinary binary;
    private final boolean embedded;

    LocalTemporal(StackHome home, CacheFolder cache, Launcher launcher, boolean embedded) {
        // End: 2 s as measured
        super(PartName.TEMPORAL, Duration.ofMinutes(1), Duration.ofSeconds(15));
        this.home = home;
        this.launcher = launcher;
        this.binary = new TemporalBinary(cache, launcher, home.logs().resolve("temporal-build.log"));
        this.embedded = embedded;
    }

    @Override
    public void prepare(Progress progress) throws InterruptedException, UnavailablePartException {
        if (!embedded) {
            binary.buildIfMissing(progress);
        }
        if ((embedded || binary.find().isEmpty()) && !hasEmbedded()) {
            throw new UnavailablePartException("this installation has no embedded service; put 'temporal' or Go on the"
                    + " PATH, or set PERDURA_TEMPORAL_ADDRESS");
        }
    }

    private static boolean hasEmbedded() {
        return System.getProperty(EMBEDDED_CLASS_PATH) != null
                || LocalTemporal.class.getResource("/" + EMBEDDED.replace('.', '/') + ".class") != null;
    }

    @Override
    public Started start(PartState ports, Progress progress) {
        Optional<Path> program = embedded ? Optional.empty() : binary.find();
        progress.report("starting");
        return program.isPresent() ? startReal(program.get(), ports) : startEmbedded(ports);
    }

    private Started startReal(Path program, PartState ports) {
        Process process = launcher.start(
                serverCommand(program, ports),
                Inherits.BASICS,
                Map.of(),
                home.logs().resolve("temporal.log"));
        return new Started(ProcessRef.of(process.toHandle()), "real server, UI at http://127.0.0.1:" + ports.uiPort());
    }

    /** With the write-ahead log the server is about twice as fast, and a killed one has lost nothing. */
    private List<String> serverCommand(Path program, PartState ports) {
        return Launcher.command(
                "{} server start-dev --ip 127.0.0.1 --port {} --ui-port {} --db-filename {} --log-level warn"
                        + " --sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=1"
                        + " --dynamic-config-value matching.enableFairness=true"
                        + " --dynamic-config-value matching.numTaskqueueReadPartitions=1"
                        + " --dynamic-config-value matching.numTaskqueueWritePartitions=1",
                program,
                ports.port(),
                ports.uiPort(),
                home.temporalFile());
    }

    private Started startEmbedded(PartState ports) {
        List<String> command = launcher.java(
                System.getProperty(EMBEDDED_CLASS_PATH, ""),
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        // Without it every message of gRPC goes to the log, bytes and all.
                        "-Dlogback.configurationFile=perdura/cli/logback-talkative.xml"),
                EMBEDDED,
                List.of(Integer.toString(ports.port()), readyFile().toString()));
        Process process =
                launcher.start(command, Inherits.WORK, Map.of(), home.logs().resolve("temporal.log"));
        return new Started(ProcessRef.of(process.toHandle()), EMBEDDED_DETAIL);
    }

    @Override
    public boolean isReady(PartState state) {
        if (!Ports.isOpen(state.port())) {
            return false;
        }
        String address = "127.0.0.1:" + state.port();
        try (TemporalConnection connection =
                TemporalConnection.open(TemporalConfig.plain(address), Duration.ofSeconds(5))) {
            return connection.isTestServer() ? isOwnService(state) : keepHistories(address);
        } catch (PerduraException e) {
            return false;
        }
    }

    private boolean isOwnService(PartState state) {
        ProcessRef process = state.process();
        return process != null && isServing(process.pid(), readyFile());
    }

    private Path readyFile() {
        return home.folder().resolve("temporal.ready");
    }

    /** The server's own default forgets closed workflows after a day; the setting survives restarts. */
    private boolean keepHistories(String address) {
        Optional<Path> program = binary.find();
        if (program.isEmpty()) {
            return true;
        }
        List<String> command = Launcher.command(
                "{} operator namespace update --address {} --retention 720h -n default", program.get(), address);
        try {
            return launcher.run(command, Inherits.BASICS, Map.of(), home.logs().resolve("temporal-setup.log")) == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether the process has the port: what it wrote into the file. */
    static boolean isServing(long pid, Path readyFile) {
        try {
            return Files.readString(readyFile).equals(Long.toString(pid));
        } catch (IOException e) {
            return false;
        }
    }

    /** The program {@code temporal}: on the search path, or in the cache, or built into the cache once. */
    static final class TemporalBinary {
        private static final Pattern GO_LINE = Pattern.compile("(?m)^go (\\S+)$");

        private final CacheFolder cache;
        private final Launcher launcher;
        private final Path buildLog;

        TemporalBinary(CacheFolder cache, Launcher launcher, Path buildLog) {
            this.cache = cache;
            this.launcher = launcher;
            this.buildLog = buildLog;
        }

        /** The program, if this machine has it. */
        Optional<Path> find() {
            return launcher.findProgram("temporal")
                    .or(() -> Optional.of(cachedFile()).filter(Files::isExecutable));
        }

        /** Builds the program if it is not there and if that is possible here; else, {@link #find} stays empty. */
        void buildIfMissing(Part.Progress progress) throws InterruptedException {
            Optional<Path> go = launcher.findProgram("go");
            boolean isOnPath = launcher.findProgram("temporal").isPresent();
            if (isOnPath || (!Files.exists(cachedFile()) && go.isEmpty())) {
                return;
            }
            try {
                cache.exclusively("temporal", buildLog, progress, () -> {
                    if (isAsBuilt()) {
                        return;
                    }
                    FileTree.delete(folder().folder());
                    if (go.isPresent()) {
                        build(go.get(), progress);
                    }
                });
            } catch (IOException e) {
                progress.report("the Temporal server cannot be built: " + e.getMessage());
            }
        }

        /** {@code temporal/<os>-<arch>-go<version>-<hash of go.sum>/temporal} in the cache. */
        Path cachedFile() {
            String key = system() + "-" + architecture() + "-go" + goVersion() + "-"
                    + CacheFolder.shortHash(CacheFolder.tool("temporal/go.sum"));
            return cache.folder().resolve("temporal").resolve(key).resolve("temporal");
        }

        private SealedFolder folder() {
            return new SealedFolder(Objects.requireNonNull(cachedFile().getParent()));
        }

        /** What an older version of ours has built has no list yet; nobody else could write there. */
        private boolean isAsBuilt() throws IOException {
            Path file = cachedFile();
            SealedFolder folder = folder();
            if (Files.isExecutable(file) && !folder.isSealed() && isOurs(file) && isOurs(folder.folder())) {
                folder.seal();
            }
            return Files.isExecutable(file) && folder.isIntact();
        }

        private static boolean isOurs(Path path) throws IOException {
            return PrivateFiles.isOwn(path) && !PrivateFiles.isWritableByOthers(path);
        }

        private void build(Path go, Part.Progress progress) throws IOException, InterruptedException {
            Path file = cachedFile();
            Path module = file.resolveSibling("module");
            PrivateFiles.createDirectories(module);
            Files.write(module.resolve("go.mod"), CacheFolder.tool("temporal/go.mod"));
            Files.write(module.resolve("go.sum"), CacheFolder.tool("temporal/go.sum"));
            Path beside = file.resolveSibling("temporal.new");
            List<String> command = Launcher.command(
                    "{} build -C {} -trimpath -ldflags {} -o {} github.com/temporalio/cli/cmd/temporal",
                    go,
                    module,
                    "-s -w",
                    beside);
            LongConsumer tell =
                    minutes -> progress.report("building the Temporal server, once for this machine (6 to 20"
                            + " minutes" + (minutes == 0 ? "" : ", " + minutes + " so far") + "; log: " + buildLog
                            + "); 'perdura up --embedded' needs no build");
            tell.accept(0);
            if (launcher.run(command, Inherits.FETCHING, Map.of("CGO_ENABLED", "0"), buildLog, tell) == 0) {
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                folder().seal();
            } else {
                Files.deleteIfExists(beside);
            }
        }

        private static String goVersion() {
            Matcher line = GO_LINE.matcher(new String(CacheFolder.tool("temporal/go.mod"), StandardCharsets.UTF_8));
            return line.find() ? line.group(1) : "unknown";
        }

        private static String system() {
            String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
            return name.startsWith("mac") ? "darwin" : name.split(" ", 2)[0];
        }

        private static String architecture() {
            String name = System.getProperty("os.arch");
            return switch (name) {
                case "x86_64" -> "amd64";
                case "aarch64" -> "arm64";
                default -> name;
            };
        }
    }
}
