package perdura.datasets.image;

import perdura.datasets.seeds.RandomStream;

/**
 * One rotation and scaling about the centre for an image and its mask, size kept, black outside (sense.md 4.4). Target (x, y)
 * reads c + R (x - c) / scale, c = ((W - 1)/2, (H - 1)/2).
 *
 * @param degrees anticlockwise
 * @param scale above 1 enlarges
 */
public record JointAffine(double degrees, double scale) {
    /** Leaves everything where it is. */
    public static final JointAffine NONE = new JointAffine(0, 1);

    private static final double MOST_DEGREES = 10;
    private static final double LEAST_SCALE = 0.9;
    private static final double SCALES = 0.2;

    public JointAffine {
        if (!Double.isFinite(degrees) || !Double.isFinite(scale) || scale <= 0) {
            throw new IllegalArgumentException(
                    "degrees must be finite and scale above 0, were " + degrees + " and " + scale);
        }
    }

    /** With probability 0.5 an angle within 10 degrees and a scale within 0.9 and 1.1; one draw, or three. */
    public static JointAffine draw(RandomStream stream) {
        if (stream.nextDouble() >= 0.5) {
            return NONE;
        }
        double degrees = -MOST_DEGREES + 2 * MOST_DEGREES * stream.nextDouble();
        return new JointAffine(degrees, LEAST_SCALE + SCALES * stream.nextDouble());
    }

    /**
     * Bilinear; each of the four neighbours outside of the image counts as 0. Computed in double.
     *
     * @param in [height, width], uint8
     * @param out [height, width], 0 to 255, all of it is written
     */
    public void image(byte[] in, int width, int height, float[] out) {
        Map map = new Map(width, height);
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                double sourceX = map.x(x, y);
                double sourceY = map.y(x, y);
                int left = (int) Math.floor(sourceX);
                int top = (int) Math.floor(sourceY);
                double right = sourceX - left;
                double down = sourceY - top;
                out[at] = (float) ((1 - right) * (1 - down) * map.pixel(in, left, top)
                        + right * (1 - down) * map.pixel(in, left + 1, top)
                        + (1 - right) * down * map.pixel(in, left, top + 1)
                        + right * down * map.pixel(in, left + 1, top + 1));
            }
        }
    }

    /**
     * Nearest: floor(source + 1/2), 0 outside.
     *
     * @param in [height, width], uint8
     * @param out [height, width], uint8, all of it is written
     */
    public void mask(byte[] in, int width, int height, byte[] out) {
        Map map = new Map(width, height);
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                out[at] =
                        (byte) map.pixel(in, (int) Math.floor(map.x(x, y) + 0.5), (int) Math.floor(map.y(x, y) + 0.5));
            }
        }
    }

    /** From a target pixel to the place it reads. */
    private final class Map {
        private final int width;
        private final int height;
        private final double cos = StrictMath.cos(Math.toRadians(degrees)) / scale;
        private final double sin = StrictMath.sin(Math.toRadians(degrees)) / scale;
        private final double centreX;
        private final double centreY;

        Map(int width, int height) {
            this.width = width;
            this.height = height;
            this.centreX = (width - 1) / 2.0;
            this.centreY = (height - 1) / 2.0;
        }

        double x(int x, int y) {
            return centreX + cos * (x - centreX) - sin * (y - centreY);
        }

        double y(int x, int y) {
            return centreY + sin * (x - centreX) + cos * (y - centreY);
        }

        int pixel(byte[] in, int x, int y) {
            return x >= 0 && x < width && y >= 0 && y < height ? in[y * width + x] & 0xFF : 0;
        }
    }
}
