package perdura.training.figure;

import java.awt.Color;
import java.awt.image.BufferedImage;
import perdura.datasets.data.Normalization;

/** Images as pictures show them. */
public final class GreyPixels {
    private static final double MEAN = Normalization.GREY.constants().get(0);
    private static final double DEVIATION = Normalization.GREY.constants().get(1);

    private GreyPixels() {}

    /** Of a z-scored pixel, in [0, 1]. */
    public static double brightness(double zScored) {
        return Math.min(1, Math.max(0, zScored * DEVIATION + MEAN));
    }

    /**
     * A z-scored image.
     *
     * @param pixels row-major
     * @param from the first one's index; the image is square, {@code side} on a side
     */
    public static BufferedImage image(double[] pixels, int from, int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            int grey = (int) Math.round(255 * brightness(pixels[from + i]));
            image.setRGB(i % side, i / side, new Color(grey, grey, grey).getRGB());
        }
        return image;
    }

    /**
     * An image as data sets hold it.
     *
     * @param pixels [side, side], uint8, row after row
     */
    public static BufferedImage image(byte[] pixels, int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            int grey = pixels[i] & 0xFF;
            image.setRGB(i % side, i / side, new Color(grey, grey, grey).getRGB());
        }
        return image;
    }

    /**
     * A square image whose pixels inside of a mask are half of a colour.
     *
     * @param mask [side, side], 1 inside, row after row
     */
    static BufferedImage tinted(BufferedImage image, byte[] mask, Color colour) {
        int side = image.getWidth();
        BufferedImage tinted = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            Color own = new Color(image.getRGB(i % side, i / side));
            tinted.setRGB(i % side, i / side, (mask[i] == 0 ? own : half(own, colour)).getRGB());
        }
        return tinted;
    }

    private static Color half(Color one, Color other) {
        return new Color(
                (one.getRed() + other.getRed()) / 2,
                (one.getGreen() + other.getGreen()) / 2,
                (one.getBlue() + other.getBlue()) / 2);
    }

    /** A map in colours, each value a pixel. */
    public static BufferedImage map(double[] values, int side, ColourScale scale) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < values.length; i++) {
            image.setRGB(i % side, i / side, scale.colour(values[i]).getRGB());
        }
        return image;
    }

    /** Colours over an image, each of half the weight. */
    public static BufferedImage overlay(BufferedImage image, BufferedImage colours) {
        int side = image.getWidth();
        BufferedImage mixed = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                Color below = new Color(image.getRGB(x, y));
                mixed.setRGB(x, y, half(below, new Color(colours.getRGB(x, y))).getRGB());
            }
        }
        return mixed;
    }

    /**
     * A square map enlarged; agrees with {@code torch.nn.functional.interpolate(mode="bilinear", align_corners=False)}.
     *
     * @param values [grid * grid], row-major
     * @return [side * side]
     */
    public static double[] enlarged(double[] values, int grid, int side) {
        double[] large = new double[side * side];
        double scale = (double) grid / side;
        for (int y = 0; y < side; y++) {
            double sy = Math.max(0, (y + 0.5) * scale - 0.5);
            int top = (int) sy;
            int bottom = Math.min(top + 1, grid - 1);
            double down = sy - top;
            for (int x = 0; x < side; x++) {
                double sx = Math.max(0, (x + 0.5) * scale - 0.5);
                int left = (int) sx;
                int right = Math.min(left + 1, grid - 1);
                double across = sx - left;
                double above = values[top * grid + left] * (1 - across) + values[top * grid + right] * across;
                double below = values[bottom * grid + left] * (1 - across) + values[bottom * grid + right] * across;
                large[y * side + x] = above * (1 - down) + below * down;
            }
        }
        return large;
    }
}
