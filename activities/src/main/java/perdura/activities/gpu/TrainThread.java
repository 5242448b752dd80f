package perdura.activities.gpu;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The one thread of a process that calls the engine: its random state, grad mode and thread team belong to a thread. */
public final class TrainThread {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "perdura-train");
        made.setDaemon(true); // a step that hangs must not keep the process alive
        return made;
    });

    /** Runs the task on the thread. */
    public <T> CompletableFuture<T> submit(Callable<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                done.complete(task.call());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
