package perdura.training.tasks.classify;

/** Batches by epoch and index, each a function of its place alone. For one calling thread. */
interface LabelledBatches extends AutoCloseable {
    /** Batches of an epoch; the last one may be smaller. */
    long batchesPerEpoch();

    /** Sizes of the inputs of {@code size} samples, outermost first. */
    long[] shape(int size);

    /**
     * A batch.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #batchesPerEpoch}
     */
    LabelledBatch batch(int epoch, long index);

    @Override
    void close();
}
