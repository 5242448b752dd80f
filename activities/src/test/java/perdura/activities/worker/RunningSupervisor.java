package perdura.activities.worker;

import java.nio.file.Path;

/** A supervisor in a thread of the test. */
final class RunningSupervisor implements AutoCloseable {
    private final WorkerSupervisor supervisor;
    private final Path workDir;
    private final Thread thread;

    RunningSupervisor(WorkerSupervisor supervisor, Path workDir) {
        this.supervisor = supervisor;
        this.workDir = workDir;
        this.thread = new Thread(this::run, "supervisor");
        thread.start();
    }

    Path workDir() {
        return workDir;
    }

    private void run() {
        try {
            supervisor.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        supervisor.stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
