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
}
