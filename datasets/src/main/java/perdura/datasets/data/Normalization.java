package perdura.datasets.data;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Normalisation of 8-bit grey pixels: divided by 255, minus a mean, divided by a deviation; a plane for each mean. */
public final class Normalization {
    /** PRIOR's one plane (prior.md 1.6). */
    public static final Normalization GREY = new Normalization(new float[] {0.4755f}, new float[] {0.3011f});

    /** Three planes of the same pixels, with the usual numbers of images in colour (sense.md 1.4). */
    public static final Normalization RGB =
            new Normalization(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

    private final float[] means;
    private final float[] deviations;
    private final float[][] values;

    private Normalization(float[] means, float[] deviations) {
        this.means = means;
        this.deviations = deviations;
        this.values = new float[means.length][256];
        for (int plane = 0; plane < means.length; plane++) {
            for (int value = 0; value < 256; value++) {
                values[plane][value] = of(plane, value);
            }
        }
    }

    /** The same mean and deviation, of pixels in [0, 1], on each plane. */
    public static Normalization of(int planes, double mean, double deviation) {
        float[] means = new float[planes];
        float[] deviations = new float[planes];
        Arrays.fill(means, (float) mean);
        Arrays.fill(deviations, (float) deviation);
        return new Normalization(means, deviations);
    }

    /** Means, then deviations: all that tells it from another one. */
    public List<Double> constants() {
        List<Double> constants = new ArrayList<>();
        for (float mean : means) {
            constants.add((double) mean);
        }
        for (float deviation : deviations) {
            constants.add((double) deviation);
        }
        return constants;
    }

    private float of(int plane, float value) {
        return (value / 255f - means[plane]) / deviations[plane];
    }

    /** Planes of an image, 1 or 3. */
    public int planes() {
        return means.length;
    }

    /**
     * Writes one image.
     *
     * @param pixels [any], uint8
     * @param out written from {@code offset} on: [planes, any]
     */
    void write(byte[] pixels, FloatBuffer out, int offset) {
        float[] line = new float[pixels.length];
        for (int plane = 0; plane < values.length; plane++) {
            float[] known = values[plane];
            for (int i = 0; i < pixels.length; i++) {
                line[i] = known[pixels[i] & 0xFF];
            }
            out.put(offset + plane * pixels.length, line);
        }
    }

    /** The same for pixels between whole numbers, 0 to 255. */
    void write(float[] pixels, FloatBuffer out, int offset) {
        float[] line = new float[pixels.length];
        for (int plane = 0; plane < values.length; plane++) {
            for (int i = 0; i < pixels.length; i++) {
                line[i] = of(plane, pixels[i]);
            }
            out.put(offset + plane * pixels.length, line);
        }
    }
}
