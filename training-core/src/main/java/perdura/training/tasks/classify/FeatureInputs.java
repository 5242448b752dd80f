package perdura.training.tasks.classify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyFile;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;

/** Features out of a table: [B, features]. */
final class FeatureInputs implements LabelledBatches {
    private final NpyFile table;
    private final BinaryLabels labels;
    private final RowList rows;
    private final int batchSize;
    private final @Nullable Long orderSeed;
    private int[] order = {};
    private int orderEpoch = -1;

    private FeatureInputs(NpyFile table, BinaryLabels labels, RowList rows, int batchSize, @Nullable Long orderSeed) {
        this.table = table;
        this.labels = labels;
        this.rows = rows;
        this.batchSize = batchSize;
        this.orderSeed = orderSeed;
    }

    /** Rows in the order of {@code Stream(hash64(seed, "order", epoch)).permutation(n)}, as {@code ImageBatches} has it. */
    static FeatureInputs shuffled(NpyFile table, BinaryLabels labels, RowList rows, int batchSize, long seed) {
        return new FeatureInputs(table, labels, rows, batchSize, seed);
    }

    static FeatureInputs inOrder(NpyFile table, BinaryLabels labels, RowList rows, int batchSize) {
        return new FeatureInputs(table, labels, rows, batchSize, null);
    }

    @Override
    public long batchesPerEpoch() {
        return (rows.size() + batchSize - 1L) / batchSize;
    }

    @Override
    public long[] shape(int size) {
        return new long[] {size, table.rowBytes() / Float.BYTES};
    }

    @Override
    public LabelledBatch batch(int epoch, long index) {
        int from = Math.toIntExact(index * batchSize);
        int to = Math.min(rows.size(), from + batchSize);
        int[] own = orderSeed == null
                ? rows.between(from, to).toArray()
                : rows.pick(Arrays.copyOfRange(order(epoch, orderSeed), from, to))
                        .toArray();
        byte[] bytes = new byte[own.length * table.rowBytes()];
        for (int i = 0; i < own.length; i++) {
            table.read(own[i], bytes, i * table.rowBytes());
        }
        FloatBuffer features =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        return LabelledBatch.of(features, own, labels);
    }

    private int[] order(int epoch, long seed) {
        if (epoch != orderEpoch) {
            order = Seeds.stream(seed, "order", epoch).permutation(rows.size());
            orderEpoch = epoch;
        }
        return order;
    }

    @Override
    public void close() {
        // The table is mapped; nothing is held.
    }
}
