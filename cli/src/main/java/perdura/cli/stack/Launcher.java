package perdura.cli.stack;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Starts the processes of the stack. Each gets a session of its own where the system has {@code setsid}, so that Ctrl-C on
 * the terminal reaches us alone and we stop the others in order.
 *
 * @param searchPath folders of programs, as in the variable PATH
 */
public record Launcher(String searchPath) {
    /** What every JVM of ours is started with, beside its memory. */
    static final List<String> JVM_FLAGS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true");

    /** A program of the search path. */
    public Optional<Path> findProgram(String name) {
        for (String folder : searchPath.split(File.pathSeparator, -1)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder).resolve(name);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return Optional.of(file.toAbsolutePath());
            }
        }
        return Optional.empty();
    }

    /**
     * A command line.
     *
     * @param words divided by blanks; {@code {}} among them stands for the next argument, whatever is in that
     */
    static List<String> command(String words, Object... arguments) {
        Iterator<Object> next = List.of(arguments).iterator();
        return Arrays.stream(words.split(" "))
                .map(word -> word.equals("{}") ? next.next().toString() : word)
                .toList();
    }

    /** The command line of a class of ours in a JVM like this one. */
    List<String> java(List<String> jvmFlags, String mainClass, List<String> arguments) {
        return java("", jvmFlags, mainClass, arguments);
    }

    /**
     * As {@link #java(List, String, List)}.
     *
     * @param more class path before our own; may be empty
     */
    List<String> java(String more, List<String> jvmFlags, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(jvmFlags);
        String embedded = System.getProperty(LocalTemporal.EMBEDDED_CLASS_PATH);
        if (embedded != null) {
            command.add("-D" + LocalTemporal.EMBEDDED_CLASS_PATH + "=" + embedded);
        }
        command.add("-cp");
        command.add((more.isEmpty() ? "" : more + File.pathSeparator) + System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    /**
     * Starts a process whose output goes to the end of a file. It outlives us. What it writes is its owner's alone.
     *
     * @param inherits which of our variables it gets
     * @param environment what it gets besides
     */
    Process start(List<String> command, Inherits inherits, Map<String, String> environment, Path log) {
        List<String> whole = new ArrayList<>();
        findProgram("setsid").ifPresent(setsid -> whole.add(setsid.toString()));
        // A JVM cannot set its own umask.
        whole.addAll(List.of("/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"));
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().keySet().removeIf(variable -> !inherits.has(variable));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            PrivateFiles.createDirectories(
                    Objects.requireNonNull(log.toAbsolutePath().getParent()));
            PrivateFiles.openOrCreate(log).close();
            return builder.start();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE, command.get(0) + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Runs a program to its end, output to the end of a file. Returns its exit status. */
    int run(List<String> command, Inherits inherits, Map<String, String> environment, Path log)
            throws InterruptedException {
        return run(command, inherits, environment, log, minutes -> {});
    }

    /** As {@link #run(List, Inherits, Map, Path)}; {@code passed} hears each minute how many have passed. */
    int run(List<String> command, Inherits inherits, Map<String, String> environment, Path log, LongConsumer passed)
            throws InterruptedException {
        Process process = start(command, inherits, environment, log);
        try {
            for (long minutes = 1; !process.waitFor(1, TimeUnit.MINUTES); minutes++) {
                passed.accept(minutes);
            }
            return process.exitValue();
        } finally {
            process.destroy();
        }
    }

    /**
     * Which variables of this process another one gets: what it needs, and no more. Others may hold secrets.
     */
    enum Inherits {
        /** What any program needs. */
        BASICS(""),
        /** What a worker needs besides: what the JVM, the engine and its threads are told, and what specs name for DAGs. */
        WORK(
                "PERDURA_SECRET_.*|PERDURA_LIMIT_.*|JAVA_.*|JDK_JAVA_OPTIONS|LD_LIBRARY_PATH|CUDA_.*|CUBLAS_.*|CUDNN_.*|NCCL_.*|NVIDIA_.*|OMP_.*|GOMP_.*|KMP_.*|MKL_.*|OPENBLAS_.*"
                        + "|PYTORCH_.*|TORCH_.*|DJL_.*|ENGINE_CACHE_DIR|MALLOC_.*"),
        /** What a program needs that fetches packages: proxies, mirrors, certificates. */
        FETCHING(
                "(?i:https?_proxy|ftp_proxy|all_proxy|no_proxy)|SSL_CERT_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC|PIP_.*|UV_.*|GO[A-Z]+|GIT_SSL_.*|PYENV_.*"),
        /** All of these: for our own process that starts the others. */
        ALL(WORK.pattern + "|" + FETCHING.pattern);

        private static final Pattern EVERYWHERE = Pattern.compile(
                "PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TZDIR|TMPDIR|XDG_[A-Z_]+|PERDURA_HOME");

        private final Pattern pattern;

        Inherits(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }

        boolean has(String variable) {
            return EVERYWHERE.matcher(variable).matches()
                    || pattern.matcher(variable).matches();
        }
    }
}
