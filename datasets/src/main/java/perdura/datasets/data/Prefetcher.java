package perdura.datasets.data;

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
import java.util.function.UnaryOperator;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Makes the batches of one epoch after the other ahead, on worker threads. A batch is a function of its place alone, so it is the
 * same for any number of threads and wherever a training begins. For one calling thread.
 *
 * @param <E> names of epochs, with a fit {@code equals}
 * @param <B> batches
 */
final class Prefetcher<E, B> implements AutoCloseable {
    private final int ahead;
    private final long batchesPerEpoch;
    private final UnaryOperator<E> nextEpoch;
    private final Maker<E, B> make;
    private final ExecutorService workers;
    private final Map<Place<E>, Future<B>> asked = new LinkedHashMap<>();
    private long waitedNanos;

    /** Makes one batch. Thread-safe. */
    interface Maker<E, B> {
        B make(E epoch, long index);
    }

    /** Names a batch. */
    private record Place<E>(E epoch, long index) {}

    /**
     * @param threads at least 1; one batch more than there are threads is made ahead
     * @param batchesPerEpoch at least 1
     * @param nextEpoch the epoch after an epoch
     */
    Prefetcher(int threads, long batchesPerEpoch, UnaryOperator<E> nextEpoch, Maker<E, B> make) {
        this.ahead = threads;
        this.batchesPerEpoch = batchesPerEpoch;
        this.nextEpoch = nextEpoch;
        this.make = make;
        this.workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "perdura-batches");
            thread.setDaemon(true);
            return thread;
        });
    }

    long batchesPerEpoch() {
        return batchesPerEpoch;
    }

    /**
     * Waits for a batch and has the following ones made.
     *
     * @param index from 0, below {@link #batchesPerEpoch}
     * @throws PerduraException of the making; PREEMPTED if the thread is interrupted meanwhile
     */
    B get(E epoch, long index) {
        if (index < 0 || index >= batchesPerEpoch) {
            throw new IllegalArgumentException("index must be in [0, " + batchesPerEpoch + "), was " + index);
        }
        Place<E> place = new Place<>(epoch, index);
        List<Place<E>> wanted = new ArrayList<>();
        Place<E> next = place;
        for (int i = 0; i <= ahead; i++) {
            wanted.add(next);
            next = following(next);
        }
        asked.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().cancel(false);
            }
            return unwanted;
        });
        wanted.forEach(w -> asked.computeIfAbsent(w, p -> workers.submit(() -> make.make(p.epoch, p.index))));
        long begun = System.nanoTime();
        try {
            return await(Objects.requireNonNull(asked.remove(place)));
        } finally {
            waitedNanos += System.nanoTime() - begun;
        }
    }

    private Place<E> following(Place<E> place) {
        return place.index + 1 < batchesPerEpoch
                ? new Place<>(place.epoch, place.index + 1)
                : new Place<>(nextEpoch.apply(place.epoch), 0);
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
