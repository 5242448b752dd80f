package perdura.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A sweep of trials that train nothing as a user runs it: {@code perdura up} with real slots, each a process with the engine loaded, then
 * {@code perdura sweep submit}, which checks, plans, stores and follows. A trial claims its run, writes a checkpoint and commits.
 */
final class StackSweep implements AutoCloseable {
    private final Path folder;
    private final Path launcher;

    /**
     * Starts the stack.
     *
     * @param folder where all of it goes
     * @param launcher the {@code perdura} of a clone
     * @param slots processes that run a trial each
     */
    StackSweep(Path folder, Path launcher, int slots) throws IOException {
        this.folder = folder;
        this.launcher = launcher;
        List<String> command = new ArrayList<>(List.of("up"));
        command.addAll(Collections.nCopies(slots, "--device=cpu"));
        run(command);
    }

    /** Seconds from the call of {@code perdura sweep submit} to its end. */
    double seconds(String name, int trials) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: %s
                task: no-op
                matrix: {seeds: {from: 1, count: %d}}
                objective: {metric: score, goal: max}
                """.formatted(name, trials));
        long start = System.nanoTime();
        run(List.of("sweep", "submit", "--yes", "-f", file.toString()));
        return (System.nanoTime() - start) / 1e9;
    }

    private void run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toAbsolutePath().toString()));
        command.addAll(arguments);
        File log = folder.resolve("stack-sweep.log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("PERDURA_HOME", folder.resolve("stack").toString());
        try {
            if (builder.start().waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + Files.readString(log.toPath()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        run(List.of("down"));
    }
}
