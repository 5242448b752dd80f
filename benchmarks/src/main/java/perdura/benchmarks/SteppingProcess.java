package perdura.benchmarks;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One side of {@link EagerBenchmark}: a process that waits, and makes a training step for each line that it gets. */
final class SteppingProcess implements AutoCloseable {
    /**
     * What a process tells of a step.
     *
     * @param processorSeconds what its threads took together: tells more than {@code seconds} where others use the processors too
     * @param loss the weighted sum
     * @param peakKilobytes what the process has held at most until now
     */
    record Step(double seconds, double processorSeconds, double loss, long peakKilobytes) {}

    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final String name;
    private final long idleKilobytes;

    /** Starts it and waits until it is ready. Its first line says what it is, its second what it holds without a model. */
    SteppingProcess(List<String> command) throws IOException {
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.in = process.outputWriter(StandardCharsets.US_ASCII);
        this.name = line();
        this.idleKilobytes = Long.parseLong(line());
    }

    String name() {
        return name;
    }

    long idleKilobytes() {
        return idleKilobytes;
    }

    /** Has it make a step, and waits for that. */
    Step step() throws IOException {
        in.write("\n");
        in.flush();
        String[] parts = line().split(" ", 4);
        return new Step(
                Double.parseDouble(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Long.parseLong(parts[3]));
    }

    private String line() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new EOFException(
                    "a side ended, with status " + process.onExit().join().exitValue());
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        in.close();
        process.onExit().join();
    }
}
