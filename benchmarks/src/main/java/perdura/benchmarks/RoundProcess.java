package perdura.benchmarks;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A process that does a round of work for each line that it is sent, and answers with a line. Its first line says what it is. */
final class RoundProcess implements AutoCloseable {
    private static final List<String> MODULES = List.of("rounds.py", "eager.py");

    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final String name;

    /** Starts it and waits until it is ready; what it writes to its error stream goes to ours. */
    RoundProcess(List<String> command) throws IOException {
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        in = process.outputWriter(StandardCharsets.US_ASCII);
        name = line();
    }

    /** Starts one of our classes in a JVM of its own, which is this one's with other options. */
    static RoundProcess startClass(Class<?> main, List<String> options, List<String> arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
        command.addAll(options);
        command.addAll(List.of(
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                Objects.requireNonNull(System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(arguments);
        return new RoundProcess(command);
    }

    /** Starts our side of a benchmark: its class once more, with {@code side} before the arguments. */
    static RoundProcess startSide(Class<?> benchmark, List<String> options, List<String> arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("side"));
        all.addAll(arguments);
        return startClass(benchmark, options, all);
    }

    /**
     * Starts one of our Python scripts. Null if this Python does not start, or lacks a library that the script imports.
     *
     * @param folder where the script is put, with the modules that scripts share
     * @param script its name among our resources
     */
    static @Nullable RoundProcess startScript(String python, Path folder, String script, List<String> arguments) {
        try {
            for (String module : MODULES) {
                unpack(module, folder);
            }
            List<String> command =
                    new ArrayList<>(List.of(python, unpack(script, folder).toString()));
            command.addAll(arguments);
            return new RoundProcess(command);
        } catch (IOException e) {
            System.out.printf("  nothing to compare with: %s %s: %s%n", python, script, e.getMessage());
            return null;
        }
    }

    private static Path unpack(String file, Path folder) throws IOException {
        try (InputStream text = Objects.requireNonNull(RoundProcess.class.getResourceAsStream(file))) {
            return Files.write(folder.resolve(file), text.readAllBytes());
        }
    }

    String name() {
        return name;
    }

    /** Its next line. */
    String line() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new EOFException(
                    "the process ended with status " + process.onExit().join().exitValue());
        }
        return line;
    }

    /** Has it do a round, and waits for the answer. */
    String round() throws IOException {
        in.write("\n");
        in.flush();
        return line();
    }

    /** Has it do a round that it answers with the seconds that it took. */
    double seconds() throws IOException {
        return Double.parseDouble(round());
    }

    @Override
    public void close() throws IOException {
        in.close();
        process.onExit().join();
    }
}
