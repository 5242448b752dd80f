package perdura.training.tasks.fit;

/**
 * Batches by epoch and index, each a function of its place alone. For one calling thread.
 *
 * @param <B> batches
 */
public interface FitBatches<B> extends AutoCloseable {
    /** Batches of an epoch; the last one may be smaller. */
    long batchesPerEpoch();

    /**
     * A batch.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #batchesPerEpoch}
     */
    B batch(int epoch, long index);

    @Override
    void close();
}
