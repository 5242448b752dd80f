package perdura.datasets.image;

/**
 * An image of any aspect in a square: the longer side fills it, black on both sides of the shorter one; an odd pixel of it goes
 * to the right or below (sense.md 4.2). Shrinks by area.
 *
 * @param side S of the square
 * @param width of the image in it
 * @param height of the image in it
 */
public record Letterbox(int side, int width, int height) {
    public Letterbox {
        if (width < 1 || height < 1 || Math.max(width, height) != side) {
            throw new IllegalArgumentException("an image in a letterbox needs sides of 1 to " + side
                    + " and the longer as long as the box, was " + width + " x " + height);
        }
    }

    /** Where an image of a size goes. The shorter side is rounded down, to at least 1. */
    public static Letterbox of(int imageWidth, int imageHeight, int side) {
        long longer = Math.max(imageWidth, imageHeight);
        int width = (int) Math.max(1, imageWidth * (long) side / longer);
        int height = (int) Math.max(1, imageHeight * (long) side / longer);
        return new Letterbox(side, width, height);
    }

    /** Columns left of the image. */
    public int left() {
        return (side - width) / 2;
    }

    /** Rows above the image. */
    public int top() {
        return (side - height) / 2;
    }

    /** The image in its square, [S, S]. */
    public static GrayImage fit(GrayImage image, int side) {
        Letterbox box = of(image.width(), image.height(), side);
        byte[] resized = AreaResize.resize(image, box.width, box.height).pixels();
        byte[] out = new byte[side * side];
        for (int y = 0; y < box.height; y++) {
            System.arraycopy(resized, y * box.width, out, (box.top() + y) * side + box.left(), box.width);
        }
        return new GrayImage(side, side, out);
    }
}
