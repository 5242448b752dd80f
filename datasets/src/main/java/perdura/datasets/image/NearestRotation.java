package perdura.datasets.image;

/**
 * Rotates a square grey image about its centre; nearest sampling, zero fill, size kept. Agrees to the bit with Pillow's
 * {@code Image.rotate(degrees, NEAREST)}, which works with 16 fractional bits. A positive angle turns anticlockwise.
 */
public final class NearestRotation {
    private NearestRotation() {}

    /**
     * Turns an image.
     *
     * @param in [side, side], uint8
     * @param out [side, side], uint8, all of it is written
     */
    public static void rotate(byte[] in, byte[] out, int side, double degrees) {
        double angle = -StrictMath.toRadians(degrees);
        double cos = rounded(StrictMath.cos(angle));
        double sin = rounded(StrictMath.sin(angle));
        double centre = side / 2.0;
        double shiftX = cos * -centre + sin * -centre + centre;
        double shiftY = -sin * -centre + cos * -centre + centre;
        int alongX = fixed(cos);
        int alongY = fixed(sin);
        int downX = fixed(-sin);
        int rowX = fixed(shiftX + cos * 0.5 + sin * 0.5);
        int rowY = fixed(shiftY - sin * 0.5 + cos * 0.5);
        int at = 0;
        for (int y = 0; y < side; y++) {
            int sourceX = rowX;
            int sourceY = rowY;
            for (int x = 0; x < side; x++) {
                int inX = sourceX >> 16;
                int inY = sourceY >> 16;
                boolean inside = inX >= 0 && inX < side && inY >= 0 && inY < side;
                out[at++] = inside ? in[inY * side + inX] : 0;
                sourceX += alongX;
                sourceY += downX;
            }
            rowX += alongY;
            rowY += alongX;
        }
    }

    /** Fifteen decimals, as Pillow rounds its matrix. */
    private static double rounded(double value) {
        return Math.rint(value * 1e15) / 1e15;
    }

    private static int fixed(double value) {
        return (int) Math.floor(value * 65536.0 + 0.5);
    }
}
