package perdura.training.data;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.training.text.EncodedReport;

/**
 * The pairs on which a pre-training is validated, in full batches of its own size and always the same: each study's first image as it is,
 * its report in its own order. No draw is made. For one calling thread.
 */
public final class ValidationBatches {
    private final DataSet data;
    private final PriorImages images;
    private final int[] rows;
    private final int batchSize;
    private final int maxTextLength;
    private final @Nullable String whyNone;

    private ValidationBatches(DataSet data, PretrainSpec spec, int[] rows, @Nullable String whyNone) {
        this.data = data;
        this.images = new PriorImages(data.images());
        this.rows = rows;
        this.batchSize = spec.batchSize();
        this.maxTextLength = spec.model().textLength();
        this.whyNone = whyNone;
    }

    /** The pairs that a spec asks for, spread evenly over the validate split; none where the training sees that split. */
    public static ValidationBatches of(DataSet data, PretrainSpec spec) {
        int wanted = spec.validation().pairs();
        if (wanted == 0) {
            return new ValidationBatches(data, spec, new int[0], null);
        }
        if (spec.data().split() == DataSpec.Split.ALL) {
            return new ValidationBatches(
                    data, spec, new int[0], "data.split: all trains on the validate split, so no loss is validated");
        }
        int[] all = SplitRows.validate(data);
        int count = Math.min(wanted, all.length) / spec.batchSize() * spec.batchSize();
        if (count == 0) {
            return new ValidationBatches(
                    data,
                    spec,
                    new int[0],
                    "the validate split has " + all.length + " studies and validation.pairs is " + wanted
                            + ", less than a batch of " + spec.batchSize() + ", so no loss is validated");
        }
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = all[Math.toIntExact((long) i * all.length / count)];
        }
        return new ValidationBatches(data, spec, rows, null);
    }

    /** Number of batches. */
    public int count() {
        return rows.length / batchSize;
    }

    /** Why there are none, where some were asked for. */
    public Optional<String> whyNone() {
        return Optional.ofNullable(whyNone);
    }

    /** @param index from 0, below {@link #count} */
    public PriorBatch batch(int index) {
        int pixels = images.side() * images.side();
        FloatBuffer buffer = DirectBuffers.floats(batchSize * pixels);
        List<EncodedReport> reports = new ArrayList<>(batchSize);
        for (int i = 0; i < batchSize; i++) {
            int row = rows[index * batchSize + i];
            images.write(data.firstImage(row), 0, false, buffer, i * pixels);
            reports.add(EncodedReport.of(data.sentences(row), maxTextLength));
        }
        return PriorBatches.withTexts(buffer, reports);
    }
}
