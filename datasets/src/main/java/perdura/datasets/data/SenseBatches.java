package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.SenseBatch.TextBucket;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.CropBox;
import perdura.datasets.image.CropBox.RandomResizedCrop;
import perdura.datasets.image.Mirror;
import perdura.grids.spec.PerduraException;

/**
 * The batches of SENSE's pre-training: each study once an epoch in the order of {@link SenseDraws#order}, the last part batch
 * dropped; two crops of one of its images, and two subsets of its sentences. A batch is a function of the run seed, the epoch
 * and its index alone. For one calling thread.
 */
public final class SenseBatches implements DataLoader<SenseBatch> {
    /** Pieces of a sentence with the two special ones, and sentences of a report (sense.md 1.5). */
    private static final int LONGEST_SENTENCE = 48;

    private static final int MOST_SENTENCES = 24;

    private final DataSet data;
    private final int[] rows;
    private final int batchSize;
    private final SenseDraws draws;
    private final MemoizeLast<Integer, int[]> order;
    private final NpyFile images;
    private final int uncropped;
    private final int side;
    private final Prefetcher<Integer, SenseBatch> prefetcher;

    /**
     * @param rows of the data set that take part
     * @param threads workers that make batches ahead; the batches don't depend on it
     * @throws PerduraException INVALID_DATA if there are fewer rows than a batch needs
     */
    public SenseBatches(DataSet data, int[] rows, long seed, int batchSize, int threads) {
        SplitRows.requireBatch(rows.length, batchSize);
        this.data = data;
        this.rows = rows.clone();
        this.batchSize = batchSize;
        this.draws = new SenseDraws(seed);
        this.order = new MemoizeLast<>(epoch -> draws.order(epoch, rows.length));
        this.images = data.images();
        this.uncropped = Math.toIntExact(images.shape().get(1));
        this.side = data.header().imageSize();
        this.prefetcher = new Prefetcher<>(threads, rows.length / batchSize, epoch -> epoch + 1, this::make);
    }

    @Override
    public long batchesPerEpoch() {
        return prefetcher.batchesPerEpoch();
    }

    @Override
    public SenseBatch batch(int epoch, long index) {
        return prefetcher.get(epoch, index);
    }

    @Override
    public Duration waited() {
        return prefetcher.waited();
    }

    @Override
    public void close() {
        prefetcher.close();
    }

    private SenseBatch make(int epoch, long index) {
        int[] studies = order.get(epoch);
        int from = Math.toIntExact(index * batchSize);
        int[] own = new int[batchSize];
        LongBuffer keys = DirectBuffers.longs(batchSize);
        for (int i = 0; i < batchSize; i++) {
            own[i] = rows[studies[from + i]];
            keys.put(i, own[i]);
        }
        return new SenseBatch(
                batchSize,
                images(epoch, own, SenseDraws.View.NORMAL),
                images(epoch, own, SenseDraws.View.MOMENTUM),
                texts(epoch, own, SenseDraws.View.NORMAL),
                texts(epoch, own, SenseDraws.View.MOMENTUM),
                keys);
    }

    private FloatBuffer images(int epoch, int[] own, SenseDraws.View view) {
        FloatBuffer out = DirectBuffers.floats(own.length * 3 * side * side);
        byte[] pixels = new byte[uncropped * uncropped];
        byte[] cropped = new byte[side * side];
        for (int i = 0; i < own.length; i++) {
            String key = data.sampleId(own[i]);
            long image = data.firstImage(own[i]) + draws.pick(epoch, key, data.imageCount(own[i]));
            images.read(image, pixels, 0);
            CropBox box = RandomResizedCrop.draw(
                    draws.stream(SenseDraws.Purpose.CROP, epoch, key, view), uncropped, uncropped);
            BilinearResize.resize(pixels, uncropped, box, cropped, side, side);
            if (draws.mirrored(epoch, key, view)) {
                Mirror.flip(cropped, side);
            }
            Normalization.RGB.write(cropped, out, i * 3 * side * side);
        }
        return out;
    }

    private List<TextBucket> texts(int epoch, int[] own, SenseDraws.View view) {
        List<int[]> sentences = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (int i = 0; i < own.length; i++) {
            int count = Math.min(MOST_SENTENCES, data.sentenceCount(own[i]));
            for (int k : draws.subset(epoch, data.sampleId(own[i]), view, count)) {
                int[] tokens = data.sentenceTokens(data.sentence(own[i], k));
                sentences.add(
                        tokens.length > LONGEST_SENTENCE - 2 ? Arrays.copyOf(tokens, LONGEST_SENTENCE - 2) : tokens);
                owners.add(i);
            }
        }
        return TextBuckets.of(
                sentences, owners.stream().mapToInt(Integer::intValue).toArray());
    }
}
