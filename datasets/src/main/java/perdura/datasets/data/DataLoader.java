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
import org.jspecify.annotations.Nullable;
import perdura.datasets.split.RowList;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Batches by epoch and index, made ahead on worker threads. A batch is a function of its place alone, so it is the same for any
 * number of threads and wherever a training begins. For one calling thread.
 *
 * @param <B> batches
 */
public abstract class DataLoader<B extends Batch> implements AutoCloseable {
    private final int samples;
    private final int batchSize;
    private final long batchesPerEpoch;
    private final int ahead;
    private final ExecutorService workers;
    private final Map<Place, Future<B>> asked = new LinkedHashMap<>();
    private volatile @Nullable Order lastOrder;
    private long waitedNanos;

    /** Names a batch. */
    private record Place(int epoch, long index) {}

    /** The order of an epoch. */
    private record Order(int epoch, RowList places) {}

    /**
     * @param samples that take part
     * @param batchesPerEpoch at least 1; the last one has what is left of the samples if that is less than {@code batchSize}
     * @param threads at least 1; one batch more than there are threads is made ahead
     */
    DataLoader(int samples, int batchSize, long batchesPerEpoch, int threads) {
        this.samples = samples;
        this.batchSize = batchSize;
        this.batchesPerEpoch = batchesPerEpoch;
        this.ahead = threads;
        this.workers = Executors.newFixedThreadPool(threads, new DaemonThreads("perdura-batches"));
    }

    /** The order of an epoch: a permutation of 0 to {@code samples - 1}. Thread-safe. */
    abstract int[] order(int epoch, int samples);

    /** Makes the batch of these samples, each by its number from 0. Thread-safe. */
    abstract B make(int epoch, int[] places);

    /** Batches of an epoch. */
    public final long batchesPerEpoch() {
        return batchesPerEpoch;
    }

    /**
     * Waits for a batch and has the following ones made.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #batchesPerEpoch}
     * @throws PerduraException of the making; PREEMPTED if the thread is interrupted meanwhile
     */
    public final B batch(int epoch, long index) {
        if (index < 0 || index >= batchesPerEpoch) {
            throw new IllegalArgumentException("index must be in [0, " + batchesPerEpoch + "), was " + index);
        }
        List<Place> wanted = new ArrayList<>();
        for (long i = index; i <= index + ahead; i++) {
            wanted.add(new Place(epoch + (int) (i / batchesPerEpoch), i % batchesPerEpoch));
        }
        asked.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().cancel(false);
            }
            return unwanted;
        });
        wanted.forEach(w -> asked.computeIfAbsent(w, p -> workers.submit(() -> make(p.epoch, samplesOf(p)))));
        long begun = System.nanoTime();
        try {
            return await(Objects.requireNonNull(asked.remove(wanted.get(0))));
        } finally {
            waitedNanos += System.nanoTime() - begun;
        }
    }

    private int[] samplesOf(Place place) {
        Order order = lastOrder;
        if (order == null || order.epoch != place.epoch) { // threads may each make it: it is a function of the epoch
            order = new Order(place.epoch, RowList.of(order(place.epoch, samples)));
            lastOrder = order;
        }
        int from = Math.toIntExact(place.index * batchSize);
        return order.places.between(from, Math.min(from + batchSize, samples)).toArray();
    }

    /** How long callers have waited for batches so far. */
    public final Duration waited() {
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
    public final void close() {
        workers.shutdownNow();
    }
}
