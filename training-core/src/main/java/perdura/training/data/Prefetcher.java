package perdura.training.data;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Makes batches ahead on worker threads. A batch is a function of its place alone, so it is the same for any number of
 * threads and wherever a training begins. For one calling thread.
 *
 * @param <P> places, with a fit {@code equals}
 * @param <B> batches
 */
final class Prefetcher<P, B> implements AutoCloseable {
    private final int ahead;
    private final UnaryOperator<P> following;
    private final Function<P, B> make;
    private final ExecutorService workers;
    private final Map<P, Future<B>> asked = new LinkedHashMap<>();
    private long waitedNanos;

    /**
     * @param threads at least 1; one batch more than there are threads is made ahead
     * @param following the place after a place
     * @param make thread-safe
     */
    Prefetcher(int threads, UnaryOperator<P> following, Function<P, B> make) {
        this.ahead = threads;
        this.following = following;
        this.make = make;
        this.workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "perdura-batches");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Waits for a batch and has the following ones made.
     *
     * @throws PerduraException of the making; PREEMPTED if the thread is interrupted meanwhile
     */
    B get(P place) {
        List<P> wanted = new ArrayList<>();
        P next = place;
        for (int i = 0; i <= ahead; i++) {
            wanted.add(next);
            next = following.apply(next);
        }
        asked.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().cancel(false);
            }
            return unwanted;
        });
        wanted.forEach(w -> asked.computeIfAbsent(w, p -> workers.submit(() -> make.apply(p))));
        long begun = System.nanoTime();
        try {
            return await(Objects.requireNonNull(asked.remove(place)));
        } finally {
            waitedNanos += System.nanoTime() - begun;
        }
    }

    /** How long {@link #get} has waited in all. */
    Duration waited() {
        return Duration.ofNanos(waitedNanos);
    }

    private B await(Future<B> batch) {
        try {
            return batch.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for a batch", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PerduraException known) {
                throw new PerduraException(known.code(), String.valueOf(known.getMessage()), e);
            }
            throw new PerduraException(ErrorCode.INTERNAL, "a batch could not be made: " + e.getCause(), e);
        }
    }

    /** Stops the workers. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
