package perdura.training.data;

import java.nio.FloatBuffer;

/** Grey pixels as three planes with the usual normalisation of images in colour (sense.md 1.4). */
final class RgbPlanes {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
    private static final float[][] VALUES = new float[3][256];

    static {
        for (int plane = 0; plane < 3; plane++) {
            for (int value = 0; value < 256; value++) {
                VALUES[plane][value] = (value / 255f - MEAN[plane]) / DEVIATION[plane];
            }
        }
    }

    private RgbPlanes() {}

    /**
     * Writes one image.
     *
     * @param pixels [S, S], uint8
     * @param out written from {@code offset} on: [3, S, S], float32
     */
    static void write(byte[] pixels, FloatBuffer out, int offset) {
        for (int plane = 0; plane < 3; plane++) {
            float[] values = VALUES[plane];
            int at = offset + plane * pixels.length;
            for (int i = 0; i < pixels.length; i++) {
                out.put(at + i, values[pixels[i] & 0xFF]);
            }
        }
    }
}
