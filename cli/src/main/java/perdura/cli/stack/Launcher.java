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
import java.util.Optional;
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
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(jvmFlags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    /** Starts a process whose output goes to the end of a file. It outlives us. */
    Process start(List<String> command, Map<String, String> environment, Path log) {
        List<String> whole = new ArrayList<>();
        findProgram("setsid").ifPresent(setsid -> whole.add(setsid.toString()));
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Files.createDirectories(log.toAbsolutePath().getParent());
            return builder.start();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE, command.get(0) + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Runs a program to its end, output to the end of a file. Returns its exit status. */
    int run(List<String> command, Map<String, String> environment, Path log) throws InterruptedException {
        Process process = start(command, environment, log);
        try {
            return process.waitFor();
        } finally {
            process.destroy();
        }
    }
}
