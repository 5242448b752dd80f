package perdura.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program {@code temporal}: on the search path, or in the cache, or built into the cache once. */
final class TemporalBinary {
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
        if (find().isPresent() || go.isEmpty()) {
            return;
        }
        try {
            progress.report(
                    "building the Temporal server, once for this machine (6 to 20 minutes; log: " + buildLog + ")");
            cache.exclusively("temporal", () -> build(go.get()));
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

    private void build(Path go) throws IOException, InterruptedException {
        Path file = cachedFile();
        if (Files.isExecutable(file)) {
            return; // another process was faster
        }
        Path module = file.resolveSibling("module");
        Files.createDirectories(module);
        Files.write(module.resolve("go.mod"), CacheFolder.tool("temporal/go.mod"));
        Files.write(module.resolve("go.sum"), CacheFolder.tool("temporal/go.sum"));
        Path beside = file.resolveSibling("temporal.new");
        List<String> command = List.of(
                go.toString(),
                "build",
                "-C",
                module.toString(),
                "-trimpath",
                "-ldflags",
                "-s -w",
                "-o",
                beside.toString(),
                "github.com/temporalio/cli/cmd/temporal");
        if (launcher.run(command, Map.of("CGO_ENABLED", "0"), buildLog) == 0) {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
