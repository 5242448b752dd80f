package perdura.datasets.data;

import java.nio.FloatBuffer;
import perdura.datasets.array.NpyFile;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.CropBox;
import perdura.datasets.image.Mirror;

/** The images of studies in three normalised planes, of the side that a model sees (sense.md 1.4). Thread-safe. */
public final class StudyImages {
    private static final int PLANES = 3;

    private final DataSet data;
    private final NpyFile images;
    private final NpyFile whole;
    private final int stored;
    private final int side;

    /** @param data ingested for crops, or with the model's side */
    public StudyImages(DataSet data) {
        this.data = data;
        this.images = data.images();
        this.whole = data.wholeImages();
        this.stored = Math.toIntExact(images.shape().get(1));
        this.side = data.header().imageSize();
    }

    /** Side of the images, pixels. */
    public int side() {
        return side;
    }

    /** The deterministic views of images [J, 3, S, S], by their rows. */
    public FloatBuffer plain(long[] rows) {
        FloatBuffer out = allocate(rows.length);
        byte[] pixels = new byte[side * side];
        for (int i = 0; i < rows.length; i++) {
            whole.read(rows[i], pixels, 0);
            Normalization.RGB.write(pixels, out, i * PLANES * side * side);
        }
        return out;
    }

    /**
     * One view of one image of each study [B, 3, S, S].
     *
     * @param studies rows of the data set
     * @param crop whether a random part is seen, or the deterministic view
     * @param mirror whether half of the images are mirrored
     */
    FloatBuffer drawn(SenseDraws draws, int epoch, int[] studies, SenseDraws.View view, boolean crop, boolean mirror) {
        FloatBuffer out = allocate(studies.length);
        byte[] pixels = new byte[stored * stored];
        byte[] seen = new byte[side * side];
        for (int i = 0; i < studies.length; i++) {
            String key = data.sampleId(studies[i]);
            long image = data.firstImage(studies[i]) + draws.pick(epoch, key, data.imageCount(studies[i]));
            if (crop) {
                images.read(image, pixels, 0);
                CropBox box =
                        CropBox.drawResized(draws.stream(SenseDraws.Purpose.CROP, epoch, key, view), stored, stored);
                BilinearResize.resize(pixels, stored, box, seen, side, side);
            } else {
                whole.read(image, seen, 0);
            }
            if (mirror && draws.mirrored(epoch, key, view)) {
                Mirror.flip(seen, side);
            }
            Normalization.RGB.write(seen, out, i * PLANES * side * side);
        }
        return out;
    }

    private FloatBuffer allocate(int count) {
        return DirectBuffers.floats(Math.multiplyExact(count, PLANES * side * side));
    }
}
