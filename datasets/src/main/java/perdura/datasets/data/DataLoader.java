package perdura.datasets.data;

import java.time.Duration;

/**
 * Batches by epoch and index, made ahead on worker threads. A batch is a function of its place alone, so it is the same for any
 * number of threads and wherever a training begins. For one calling thread.
 *
 * @param <B> batches
 */
public interface DataLoader<B extends Batch> extends AutoCloseable {
    /** Batches of an epoch. */
    long batchesPerEpoch();

    /**
     * Waits for a batch and has the following ones made.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #batchesPerEpoch}
     */
    B batch(int epoch, long index);

    /** How long callers have waited for batches so far. */
    Duration waited();

    /** Stops the workers. */
    @Override
    void close();
}
