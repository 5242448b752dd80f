package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyFile;
import perdura.datasets.image.CropBox;
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
public final class ImageBatches extends DataLoader<ImageBatch> {
    private final DataSet data;
    private final int[] rows;
    private final int[] numbers;
    private final ImageBatchConfig config;
    private final NpyFile images;
    private final @Nullable NpyFile masks;
    private final int stored;
    private final int side;

    /**
     * @param rows of the data set that take part
     * @throws PerduraException INVALID_DATA if there are none, or if the view needs masks, a margin for crops or
     *     whole images that the data set hasn't
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
        super(
                rows.length,
                config.batchSize(),
                (rows.length + config.batchSize() - 1L) / config.batchSize(),
                config.threads());
        this.data = data;
        this.rows = rows.clone();
        this.numbers = numbers.clone();
        this.config = config;
        this.images = config.view() == ImageBatchConfig.View.WHOLE ? data.wholeImages() : data.images();
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
    }

    private void require(boolean held, String problem) {
        if (!held) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA, "data set " + data.header().digest() + ": " + problem);
        }
    }

    @Override
    int[] order(int epoch, int samples) {
        return config.view() == ImageBatchConfig.View.EVALUATE || config.view() == ImageBatchConfig.View.WHOLE
                ? IntStream.range(0, samples).toArray()
                : Seeds.stream(config.seed(), "order", epoch).permutation(samples);
    }

    @Override
    ImageBatch make(int epoch, int[] places) {
        int size = places.length;
        int labels = data.header().labels().size();
        int pixels = side * side;
        ImageBatch batch = new ImageBatch(
                size,
                DirectBuffers.floats(size * config.scale().planes() * pixels),
                DirectBuffers.floats(size * labels),
                masks == null ? null : DirectBuffers.floats(size * pixels),
                DirectBuffers.longs(size));
        for (int i = 0; i < size; i++) {
            int row = rows[places[i]];
            batch.rows().put(i, row);
            for (int label = 0; label < labels; label++) {
                batch.labels().put(i * labels + label, data.label(row, label));
            }
            write(batch, i, row, data.firstImage(row) + numbers[places[i]], epoch);
        }
        return batch;
    }

    private void write(ImageBatch batch, int at, int row, long image, int epoch) {
        byte[] pixels = images.read(image);
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
            seen = crop(pixels, CropBox.draw(stream("crop", epoch, row), stored, stored, side));
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
        byte[] mask = masks.read(image);
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
        return margin == 0 ? pixels : crop(pixels, new CropBox(margin, margin, side, side));
    }

    private byte[] crop(byte[] pixels, CropBox box) {
        byte[] out = new byte[side * side];
        box.copy(pixels, stored, out);
        return out;
    }
}
