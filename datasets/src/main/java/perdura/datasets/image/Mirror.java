package perdura.datasets.image;

import perdura.datasets.seeds.RandomStream;

/** Left and right change places. */
public final class Mirror {
    private Mirror() {}

    /** One draw: whether an image is mirrored, with probability 0.5 (sense.md 1.3). */
    public static boolean draw(RandomStream stream) {
        return stream.nextDouble() < 0.5;
    }

    /** @param pixels [any, width], uint8, changed in place */
    public static void flip(byte[] pixels, int width) {
        for (int row = 0; row + width <= pixels.length; row += width) {
            for (int left = row, right = row + width - 1; left < right; left++, right--) {
                byte held = pixels[left];
                pixels[left] = pixels[right];
                pixels[right] = held;
            }
        }
    }
}
