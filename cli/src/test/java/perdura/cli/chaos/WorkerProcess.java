package perdura.cli.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A worker that the test starts itself, so that it can give it test switches and end it. */
final class WorkerProcess implements AutoCloseable {
    private final Process process;

    private WorkerProcess(Process process) {
        this.process = process;
    }

    /** @param switches JVM flags, for instance {@code -Dperdura.test.haltAt=7} */
    static WorkerProcess start(Platform platform, Path workDir, List<String> switches) throws IOException {
        return start(platform, workDir, Map.of(), switches);
    }

    /**
     * Starts a worker.
     *
     * @param variables connection settings besides those of the platform
     * @param switches JVM flags
     */
    static WorkerProcess start(Platform platform, Path workDir, Map<String, String> variables, List<String> switches)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                platform.command(switches, "worker", "--work-dir", workDir.toString(), "--device", "cpu"));
        builder.environment().putAll(platform.connectionVariables());
        builder.environment().putAll(variables);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(
                platform.home().resolve("worker-of-test.log").toFile()));
        return new WorkerProcess(builder.start());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it has died by itself, or something else has happened. */
    void awaitDeathOr(Callable<Boolean> other, Duration patience) {
        Awaitility.await("the worker's death")
                .atMost(patience)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !process.isAlive() || other.call());
    }

    /** Asks it to end, as an operating system does, and waits. Returns its exit status. */
    int terminate(Duration patience) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the worker is still there " + patience + " after SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
