package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.EncodedReport;
import perdura.grids.spec.DataSpec;

/**
 * The pairs on which a pre-training is validated, in full batches of its own size and always the same: each study's first image as it is,
 * its report in its own order. No draw is made. For one calling thread.
 */
public final class ValidationBatches {
    private final DataSet data;
    private final GreyImages images;
    private final PairBatchConfig config;
    private final int[] rows;
    private final @Nullable String whyNone;

    private ValidationBatches(DataSet data, PairBatchConfig config, int[] rows, @Nullable String whyNone) {
        this.data = data;
        this.images = new GreyImages(data.images());
        this.config = config;
        this.rows = rows;
        this.whyNone = whyNone;
    }

    /**
     * As many full batches as there are pairs for, spread evenly over the validate split; none where the training sees that split.
     *
     * @param trained what the training sees
     * @param pairs most pairs
     * @param config of the training; only sizes matter here
     */
    public static ValidationBatches of(DataSet data, DataSpec.Split trained, int pairs, PairBatchConfig config) {
        int[] all = pairs == 0 || trained == DataSpec.Split.ALL ? new int[0] : SplitRows.validate(data);
        int count = Math.min(pairs, all.length) / config.batchSize() * config.batchSize();
        String whyNone = null;
        if (pairs > 0 && trained == DataSpec.Split.ALL) {
            whyNone = "data.split: all trains on the validate split, so no loss is validated";
        } else if (pairs > 0 && count == 0) {
            whyNone = "the validate split has " + all.length + " studies and validation.pairs is " + pairs
                    + ": less than a batch of " + config.batchSize() + ", so no loss is validated";
        }
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = all[Math.toIntExact((long) i * all.length / count)];
        }
        return new ValidationBatches(data, config, rows, whyNone);
    }

    /** Number of batches. */
    public int count() {
        return rows.length / config.batchSize();
    }

    /** Why there are none, where some were asked for. */
    public Optional<String> whyNone() {
        return Optional.ofNullable(whyNone);
    }

    /** @param index from 0, below {@link #count} */
    public PairBatch batch(int index) {
        int batchSize = config.batchSize();
        int pixels = images.side() * images.side();
        FloatBuffer buffer = DirectBuffers.floats(batchSize * pixels);
        List<EncodedReport> reports = new ArrayList<>(batchSize);
        for (int i = 0; i < batchSize; i++) {
            int row = rows[index * batchSize + i];
            images.write(data.firstImage(row), 0, false, buffer, i * pixels);
            reports.add(EncodedReport.of(data.sentences(row), config.maxTextLength(), config.overlong()));
        }
        return PairBatches.withTexts(buffer, reports);
    }
}
