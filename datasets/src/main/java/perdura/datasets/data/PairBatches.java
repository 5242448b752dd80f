package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.datasets.seeds.RandomStream;
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
    private @Nullable Stage current;
    private Duration waitedBefore = Duration.ZERO;

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
    }

    /** Full batches of an epoch. */
    public long batchesPerEpoch() {
        return rows.length / config.batchSize();
    }

    /**
     * Waits for a batch and has the following ones of its stage made.
     *
     * @param index from 0, below {@link #batchesPerEpoch}
     */
    public PairBatch batch(int stage, int epoch, long index) {
        return stage(stage).batch(epoch, index);
    }

    /** How long callers have waited for batches so far. */
    public Duration waited() {
        return current == null ? waitedBefore : waitedBefore.plus(current.waited());
    }

    /** The batches of one stage. Ends those of another one. */
    public DataLoader<PairBatch> stage(int stage) {
        Stage loader = current;
        if (loader == null || loader.stage != stage) {
            waitedBefore = waited();
            close();
            loader = new Stage(stage);
            current = loader;
        }
        return loader;
    }

    /** Stops the workers. */
    @Override
    public void close() {
        if (current != null) {
            current.close();
        }
    }

    private final class Stage extends DataLoader<PairBatch> {
        private final int stage;

        Stage(int stage) {
            super(rows.length, config.batchSize(), PairBatches.this.batchesPerEpoch(), config.threads());
            this.stage = stage;
        }

        @Override
        int[] order(int epoch, int samples) {
            return Seeds.stream(config.seed(), "order", stage, epoch).permutation(samples);
        }

        @Override
        PairBatch make(int epoch, int[] studies) {
            int pixels = images.side() * images.side();
            FloatBuffer pixelBuffer = DirectBuffers.floats(studies.length * pixels);
            List<EncodedReport> reports = new ArrayList<>(studies.length);
            for (int i = 0; i < studies.length; i++) {
                int row = rows[studies[i]];
                PairDraws draws = new PairDraws(config.seed(), stage, epoch, data.sampleId(row));
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

    /**
     * The random draws for one access to a study. Each is a function of its purpose, the run seed, stage, epoch and study id
     * alone, so that it doesn't matter who draws, when, or how often.
     */
    record PairDraws(long seed, int stage, int epoch, String studyId) {
        /** Which of the study's images is seen. */
        int image(int images) {
            return (int) Long.remainderUnsigned(Seeds.hash64(seed, "pick", stage, epoch, studyId), images);
        }

        /** Uniform in plus or minus {@code most} degrees. */
        double rotation(double most) {
            return (2 * stream("rotation").nextDouble() - 1) * most;
        }

        /** True half of the time. */
        boolean mirrored() {
            return stream("flip").nextDouble() < 0.5;
        }

        /** The order in which the report's sentences are read. */
        int[] sentenceOrder(int sentences) {
            return stream("sentences").permutation(sentences);
        }

        private RandomStream stream(String purpose) {
            return Seeds.stream(seed, purpose, stage, epoch, studyId);
        }
    }
}
