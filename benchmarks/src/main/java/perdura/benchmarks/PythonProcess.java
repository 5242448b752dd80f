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
import java.util.Optional;

/** One of our Python scripts, waiting for its next round. Its first line names the libraries that it measures. */
final class PythonProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final String version;

    private PythonProcess(Process process, BufferedReader out, String version) {
        this.process = process;
        this.out = out;
        this.in = process.outputWriter(StandardCharsets.US_ASCII);
        this.version = version;
    }

    /**
     * Nothing if this Python doesn't start or lacks a library that the script wants.
     *
     * @param folder where the script is put
     * @param script its name among our resources
     */
    static Optional<PythonProcess> start(String python, Path folder, String script, List<String> arguments)
            throws IOException {
        Path file = folder.resolve(script);
        try (InputStream text = Objects.requireNonNull(PythonProcess.class.getResourceAsStream(script))) {
            Files.write(file, text.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of(python, file.toString()));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return Optional.empty();
        }
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        String version = out.readLine();
        return version == null ? Optional.empty() : Optional.of(new PythonProcess(process, out, version));
    }

    String version() {
        return version;
    }

    /** Its next line. */
    String line() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new EOFException(
                    "the script ended, with status " + process.onExit().join().exitValue());
        }
        return line;
    }

    /** Seconds of one round. */
    double round() throws IOException {
        in.write("\n");
        in.flush();
        return Double.parseDouble(line());
    }

    @Override
    public void close() throws IOException {
        in.close();
        process.onExit().join();
    }
}
