package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.SenseBatch.TextBucket;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.CropBox;
import perdura.datasets.image.Mirror;
import perdura.grids.spec.PerduraException;

/**
 * The batches of SENSE's pre-training: each study once an epoch in the order of {@link SenseDraws#order}, the last part batch
 * dropped; two crops of one of its images, and two subsets of its sentences. A batch is a function of the run seed, the epoch
 * and its index alone. For one calling thread.
 */
public final class SenseBatches extends DataLoader<SenseBatch> {
    /** Pieces of a sentence with the two special ones, and sentences of a report (sense.md 1.5). */
    private static final int LONGEST_SENTENCE = 48;

    private static final int MOST_SENTENCES = 24;

    private final DataSet data;
    private final int[] rows;
    private final SenseDraws draws;
    private final NpyFile images;
    private final int uncropped;
    private final int side;

    /**
     * @param rows of the data set that take part
     * @param threads workers that make batches ahead; the batches don't depend on it
     * @throws PerduraException INVALID_DATA if there are fewer rows than a batch needs
     */
    public SenseBatches(DataSet data, int[] rows, long seed, int batchSize, int threads) {
        super(rows.length, batchSize, rows.length / batchSize, threads);
        SplitRows.requireBatch(rows.length, batchSize);
        this.data = data;
        this.rows = rows.clone();
        this.draws = new SenseDraws(seed);
        this.images = data.images();
        this.uncropped = Math.toIntExact(images.shape().get(1));
        this.side = data.header().imageSize();
    }

    @Override
    int[] order(int epoch, int samples) {
        return draws.order(epoch, samples);
    }

    @Override
    SenseBatch make(int epoch, int[] places) {
        int[] own = new int[places.length];
        LongBuffer keys = DirectBuffers.longs(own.length);
        for (int i = 0; i < own.length; i++) {
            own[i] = rows[places[i]];
            keys.put(i, own[i]);
        }
        return new SenseBatch(
                own.length,
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
            CropBox box =
                    CropBox.drawResized(draws.stream(SenseDraws.Purpose.CROP, epoch, key, view), uncropped, uncropped);
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
