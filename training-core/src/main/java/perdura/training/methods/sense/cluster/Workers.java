package perdura.training.methods.sense.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** A fixed number of threads for work whose parts don't depend on each other. */
final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService pool;

    Workers(int threads) {
        this.threads = threads;
        this.pool = Executors.newFixedThreadPool(threads, new DaemonThreads("perdura-kmeans"));
    }

    /** Work on indexes. */
    @FunctionalInterface
    interface Range {
        /** @param to after the last one */
        void run(int from, int to);
    }

    /** Runs work over 0 to {@code count - 1}, in as many ranges as there are threads, and waits for it. */
    void forRanges(int count, Range range) {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int from = (int) ((long) count * i / threads);
            int to = (int) ((long) count * (i + 1) / threads);
            tasks.add(() -> {
                range.run(from, to);
                return null;
            });
        }
        try {
            for (Future<Void> task : pool.invokeAll(tasks)) {
                task.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while clustering", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a part of a K-means round failed", e.getCause());
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
