package perdura.datasets.image;

import perdura.datasets.seeds.RandomStream;

/**
 * A part of an image, in whole pixels.
 *
 * @param top rows above it, from 0
 * @param left columns left of it, from 0
 * @param height at least 1
 * @param width at least 1
 */
public record CropBox(int top, int left, int height, int width) {
    private static final double LEAST_AREA = 0.8;
    private static final double LEAST_LOG_ASPECT = StrictMath.log(3.0 / 4);
    private static final double GREATEST_LOG_ASPECT = StrictMath.log(4.0 / 3);
    private static final int TRIES = 10;

    public CropBox {
        if (top < 0 || left < 0 || height < 1 || width < 1) {
            throw new IllegalArgumentException("a crop box needs top and left >= 0, height and width >= 1, was " + top
                    + ", " + left + ", " + height + ", " + width);
        }
    }

    /** All of an image. */
    public static CropBox whole(int width, int height) {
        return new CropBox(0, 0, height, width);
    }

    /** The square in the middle; agrees with {@code torchvision.transforms.CenterCrop} on images not smaller than it. */
    public static CropBox centre(int width, int height, int side) {
        return new CropBox((int) Math.rint((height - side) / 2.0), (int) Math.rint((width - side) / 2.0), side, side);
    }

    /** A square anywhere in the image: draws the top edge, then the left one. */
    public static CropBox draw(RandomStream stream, int width, int height, int side) {
        int top = stream.bounded(height - side + 1);
        return new CropBox(top, stream.bounded(width - side + 1), side, side);
    }

    /**
     * Copies the part.
     *
     * @param in [any, inWidth], uint8
     * @param out [height, width], uint8, all of it is written
     */
    public void copy(byte[] in, int inWidth, byte[] out) {
        requireWithin(in, inWidth);
        for (int y = 0; y < height; y++) {
            System.arraycopy(in, (top + y) * inWidth + left, out, y * width, width);
        }
    }

    void requireWithin(byte[] in, int inWidth) {
        int inHeight = in.length / inWidth;
        if (left + width > inWidth || top + height > inHeight) {
            throw new IllegalArgumentException(this + " is not within an image of " + inWidth + " x " + inHeight);
        }
    }

    /**
     * The part of an image that a train view shows (sense.md 1.3): 80 to 100 % of the area, aspect 3/4 to 4/3. Up to ten tries of
     * area and aspect; the whole image if none fits.
     */
    public static CropBox drawResized(RandomStream stream, int width, int height) {
        for (int i = 0; i < TRIES; i++) {
            double area = (double) height * width * (LEAST_AREA + (1 - LEAST_AREA) * stream.nextDouble());
            double logAspect = LEAST_LOG_ASPECT + (GREATEST_LOG_ASPECT - LEAST_LOG_ASPECT) * stream.nextDouble();
            double aspect = StrictMath.exp(logAspect);
            int cropWidth = (int) Math.rint(Math.sqrt(area * aspect));
            int cropHeight = (int) Math.rint(Math.sqrt(area / aspect));
            if (cropWidth > 0 && cropWidth <= width && cropHeight > 0 && cropHeight <= height) {
                int top = stream.bounded(height - cropHeight + 1);
                return new CropBox(top, stream.bounded(width - cropWidth + 1), cropHeight, cropWidth);
            }
        }
        return CropBox.whole(width, height);
    }
}
