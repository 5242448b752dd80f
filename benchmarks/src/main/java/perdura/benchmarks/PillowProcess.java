package perdura.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Pillow in Python, waiting for its next round. */
final class PillowProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final String version;
    private final byte[] firstImage;

    private PillowProcess(Process process, BufferedReader out, String version) throws IOException {
        this.process = process;
        this.out = out;
        this.in = process.outputWriter(StandardCharsets.US_ASCII);
        this.version = version;
        this.firstImage = HexFormat.of().parseHex(out.readLine());
    }

    /** Nothing if this Python doesn't start or has no Pillow. */
    static Optional<PillowProcess> start(String python, Path folder, int processes, int side, List<Path> files)
            throws IOException {
        Path script = folder.resolve("pillow_ingest.py");
        try (InputStream text = Objects.requireNonNull(PillowProcess.class.getResourceAsStream("pillow_ingest.py"))) {
            Files.write(script, text.readAllBytes());
        }
        List<String> command = new ArrayList<>(
                List.of(python, script.toString(), Integer.toString(processes), Integer.toString(side)));
        files.forEach(file -> command.add(file.toString()));
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
        return version == null ? Optional.empty() : Optional.of(new PillowProcess(process, out, version));
    }

    String version() {
        return version;
    }

    /** The pixels it makes of the first file. */
    byte[] firstImage() {
        return firstImage;
    }

    /** Seconds for all files. */
    double round() throws IOException {
        in.write("\n");
        in.flush();
        return Double.parseDouble(out.readLine());
    }

    @Override
    public void close() throws IOException {
        in.close();
        process.onExit().join();
    }
}
