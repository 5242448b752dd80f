package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyFile;
import perdura.datasets.image.JointAffine;
import perdura.datasets.image.Mirror;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The batches of a downstream task: the first image of each row, or those that are chosen. A batch is a function of the seed, the epoch and its index
 * alone: the rows of a training epoch come in the order {@code Stream(hash64(seed, "order", epoch)).permutation(n)}, and an
 * image's draws come from {@code Stream(hash64(seed, purpose, epoch, sampleId))}. For one calling thread.
 */
public final class ImageBatches implements DataLoader<ImageBatch> {
    private final DataSet data;
    private final int[] rows;
    private final int[] numbers;
    private final ImageBatchConfig config;
    private final MemoizeLast<Integer, int[]> order;
    private final NpyFile images;
    private final @Nullable NpyFile masks;
    private final int stored;
    private final int side;
    private final Prefetcher<Integer, ImageBatch> prefetcher;

    /**
     * @param rows of the data set that take part
     * @throws PerduraException INVALID_DATA if there are none, or if the view needs masks or a margin for crops that the
     *     data set hasn't
     */
    public ImageBatches(DataSet data, int[] rows, ImageBatchConfig config) {
        this(data, rows, new int[rows.length], config);
    }

    /**
     * @param rows of the data set that take part, each as often as images of it do
     * @param numbers of those images within their rows, from 0
     * @throws PerduraException as the other constructor
     */
    public ImageBatches(DataSet data, int[] rows, int[] numbers, ImageBatchConfig config) {
        this.data = data;
        this.rows = rows.clone();
        this.numbers = numbers.clone();
        this.config = config;
        this.order = new MemoizeLast<>(this::orderOf);
        this.images = data.images();
        this.masks = data.hasArray("masks") ? data.array("masks") : null;
        this.stored = Math.toIntExact(images.shape().get(1));
        this.side = data.header().imageSize();
        require(rows.length > 0, "no image takes part");
        require(
                config.view() != ImageBatchConfig.View.TRAIN_CROP || stored > side,
                "its images of " + stored + " pixels leave no margin for crops of " + side
                        + "; ingest it with --profile sense");
        require(
                config.view() != ImageBatchConfig.View.TRAIN_AFFINE || (masks != null && stored == side),
                "it has no masks that could be turned with its images");
        long batches = (rows.length + config.batchSize() - 1L) / config.batchSize();
        this.prefetcher = new Prefetcher<>(config.threads(), batches, epoch -> epoch + 1, this::make);
    }

    private void require(boolean held, String problem) {
        if (!held) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA, "data set " + data.header().digest() + ": " + problem);
        }
    }

    /** The last one may be smaller. */
    @Override
    public long batchesPerEpoch() {
        return prefetcher.batchesPerEpoch();
    }

    @Override
    public ImageBatch batch(int epoch, long index) {
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

    private int[] orderOf(int epoch) {
        return config.view() == ImageBatchConfig.View.EVALUATE
                ? IntStream.range(0, rows.length).toArray()
                : Seeds.stream(config.seed(), "order", epoch).permutation(rows.length);
    }

    private ImageBatch make(int epoch, long index) {
        int from = Math.toIntExact(index * config.batchSize());
        int size = Math.min(config.batchSize(), rows.length - from);
        int[] samples = order.get(epoch);
        int labels = data.header().labels().size();
        int pixels = side * side;
        ImageBatch batch = new ImageBatch(
                size,
                DirectBuffers.floats(size * config.scale().planes() * pixels),
                DirectBuffers.floats(size * labels),
                masks == null ? null : DirectBuffers.floats(size * pixels),
                DirectBuffers.longs(size));
        for (int i = 0; i < size; i++) {
            int place = samples[from + i];
            int row = rows[place];
            batch.rows().put(i, row);
            for (int label = 0; label < labels; label++) {
                batch.labels().put(i * labels + label, data.label(row, label));
            }
            write(batch, i, row, data.firstImage(row) + numbers[place], epoch);
        }
        return batch;
    }

    private void write(ImageBatch batch, int at, int row, long image, int epoch) {
        byte[] pixels = new byte[stored * stored];
        images.read(image, pixels, 0);
        int imageAt = at * config.scale().planes() * side * side;
        if (config.view() == ImageBatchConfig.View.TRAIN_AFFINE) {
            JointAffine affine = JointAffine.draw(stream("affine", epoch, row));
            if (!affine.equals(JointAffine.NONE)) {
                float[] moved = new float[pixels.length];
                affine.image(pixels, stored, stored, moved);
                config.scale().write(moved, batch.images(), imageAt);
                mask(batch, at, image, affine);
                return;
            }
        }
        byte[] seen = centre(pixels);
        if (config.view() == ImageBatchConfig.View.TRAIN_CROP) {
            RandomStream crop = stream("crop", epoch, row);
            int margin = stored - side + 1;
            int top = crop.bounded(margin);
            seen = crop(pixels, top, crop.bounded(margin));
            if (Mirror.draw(stream("flip", epoch, row))) {
                Mirror.flip(seen, side);
            }
        }
        config.scale().write(seen, batch.images(), imageAt);
        mask(batch, at, image, JointAffine.NONE);
    }

    private void mask(ImageBatch batch, int at, long image, JointAffine affine) {
        FloatBuffer out = batch.masks();
        if (masks == null || out == null) {
            return;
        }
        byte[] mask = new byte[side * side];
        masks.read(image, mask, 0);
        if (!affine.equals(JointAffine.NONE)) {
            byte[] moved = new byte[mask.length];
            affine.mask(mask, side, side, moved);
            mask = moved;
        }
        float[] line = new float[mask.length];
        for (int i = 0; i < mask.length; i++) {
            line[i] = mask[i];
        }
        out.put(at * mask.length, line);
    }

    private RandomStream stream(String purpose, int epoch, int row) {
        return Seeds.stream(config.seed(), purpose, epoch, data.sampleId(row));
    }

    private byte[] centre(byte[] pixels) {
        int margin = (stored - side) / 2;
        return margin == 0 ? pixels : crop(pixels, margin, margin);
    }

    private byte[] crop(byte[] pixels, int top, int left) {
        byte[] out = new byte[side * side];
        for (int y = 0; y < side; y++) {
            System.arraycopy(pixels, (top + y) * stored + left, out, y * side, side);
        }
        return out;
    }
}
