package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.EncodedReport;
import perdura.datasets.text.PaddedTexts;
import perdura.grids.spec.PerduraException;

/**
 * The batches of a pre-training on images and their reports. A batch is a function of the run seed, stage, epoch and index alone: the studies of
 * an epoch come in the order {@code Stream(hash64(seed, "order", stage, epoch)).permutation(n)}, the last part batch is
 * dropped, and every other draw is one of {@link PairDraws}. For one calling thread.
 */
public final class PairBatches implements AutoCloseable {
    private final DataSet data;
    private final int[] rows;
    private final PairBatchConfig config;
    private final GreyImages images;
    private final Prefetcher<Epoch, PairBatch> prefetcher;
    private final MemoizeLast<Epoch, int[]> order;

    /**
     * @param rows of the data set that take part
     * @throws PerduraException INVALID_DATA if there are fewer rows than a batch needs
     */
    public PairBatches(DataSet data, int[] rows, PairBatchConfig config) {
        SplitRows.requireBatch(rows.length, config.batchSize());
        this.data = data;
        this.rows = rows.clone();
        this.config = config;
        this.images = new GreyImages(data.images());
        this.order = new MemoizeLast<>(epoch ->
                Seeds.stream(config.seed(), "order", epoch.stage, epoch.number).permutation(rows.length));
        this.prefetcher = new Prefetcher<>(config.threads(), rows.length / config.batchSize(), Epoch::next, this::make);
    }

    /** Full batches of an epoch. */
    public long batchesPerEpoch() {
        return prefetcher.batchesPerEpoch();
    }

    /**
     * Waits for a batch and has the following ones made.
     *
     * @param index from 0, below {@link #batchesPerEpoch}
     */
    public PairBatch batch(int stage, int epoch, long index) {
        return prefetcher.get(new Epoch(stage, epoch), index);
    }

    /** How long callers have waited for batches so far. */
    public Duration waited() {
        return prefetcher.waited();
    }

    /** The batches of one stage. Closing the stream closes all of them. */
    public DataLoader<PairBatch> stage(int stage) {
        return new DataLoader<>() {
            @Override
            public long batchesPerEpoch() {
                return PairBatches.this.batchesPerEpoch();
            }

            @Override
            public PairBatch batch(int epoch, long index) {
                return PairBatches.this.batch(stage, epoch, index);
            }

            @Override
            public Duration waited() {
                return PairBatches.this.waited();
            }

            @Override
            public void close() {
                PairBatches.this.close();
            }
        };
    }

    /** Stops the workers. */
    @Override
    public void close() {
        prefetcher.close();
    }

    private PairBatch make(Epoch epoch, long index) {
        int[] studies = order.get(epoch);
        int size = config.batchSize();
        int pixels = images.side() * images.side();
        FloatBuffer pixelBuffer = DirectBuffers.floats(size * pixels);
        List<EncodedReport> reports = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            int row = rows[studies[Math.toIntExact(index * size) + i]];
            PairDraws draws = new PairDraws(config.seed(), epoch.stage, epoch.number, data.sampleId(row));
            images.write(
                    data.firstImage(row) + draws.image(data.imageCount(row)),
                    draws.rotation(config.augment().rotationDegrees()),
                    config.augment().hflip() && draws.mirrored(),
                    pixelBuffer,
                    i * pixels);
            reports.add(report(data.sentences(row), draws));
        }
        return withTexts(pixelBuffer, reports);
    }

    private EncodedReport report(List<int[]> sentences, PairDraws draws) {
        if (!config.augment().shuffleSentences()) {
            return EncodedReport.of(sentences, config.maxTextLength(), config.overlong());
        }
        List<int[]> shuffled = new ArrayList<>(sentences.size());
        for (int k : draws.sentenceOrder(sentences.size())) {
            shuffled.add(sentences.get(k));
        }
        return EncodedReport.of(shuffled, config.maxTextLength(), config.overlong());
    }

    /** A batch of images and the reports of the same studies, padded to the longest. */
    static PairBatch withTexts(FloatBuffer images, List<EncodedReport> reports) {
        PaddedTexts texts = PaddedTexts.of(reports);
        return new PairBatch(texts.size(), texts.length(), images, texts.ids(), texts.mask(), texts.map());
    }

    /** Names an epoch. */
    private record Epoch(int stage, int number) {
        Epoch next() {
            return new Epoch(stage, number + 1);
        }
    }
}
