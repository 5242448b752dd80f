package perdura.datasets.image;

import java.io.IOException;

/** The size that the frame header of a JPEG file gives (ITU-T T.81 B.2.2). */
record JpegFrame(int width, int height, int components) {
    /** Ten times a large radiograph; beyond it, a damaged size would ask for all the memory there is. */
    private static final long MOST_PIXELS = 100_000_000;
    /** More than any coding reaches: a block of 64 pixels needs two bits, one where chroma hardly counts. */
    private static final long MOST_PIXELS_PER_BYTE = 1024;

    /**
     * Looks at every segment in front of the pixels.
     *
     * @throws IOException if they are damaged, or give a size that can't be
     */
    static JpegFrame read(byte[] bytes) throws IOException {
        int at = 2;
        JpegFrame frame = null;
        while (at + 10 <= bytes.length && unsigned(bytes, at) == 0xFF) {
            int marker = unsigned(bytes, at + 1);
            if (marker == 0xFF) { // fill byte
                at++;
                continue;
            }
            if (marker == 0xDA) {
                if (frame == null) {
                    throw new IOException("damaged JPEG file (its pixels begin before its size)");
                }
                return frame;
            }
            if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
                frame = new JpegFrame(twoBytes(bytes, at + 7), twoBytes(bytes, at + 5), unsigned(bytes, at + 9));
                frame.check(bytes.length);
            }
            at += 2 + twoBytes(bytes, at + 2);
        }
        throw new IOException("damaged JPEG file (no segment begins at byte " + Math.min(at, bytes.length) + ")");
    }

    /** For messages. */
    String shown() {
        return width + " x " + height + " pixels with " + components + (components == 1 ? " sample" : " samples");
    }

    private void check(int fileBytes) throws IOException {
        long pixels = (long) width * height;
        if (pixels == 0 || pixels > MOST_PIXELS) {
            throw new IOException("damaged JPEG file (its size is " + width + " x " + height + ")");
        }
        if (pixels > MOST_PIXELS_PER_BYTE * fileBytes) {
            throw new IOException("damaged JPEG file (its size is " + width + " x " + height + ", more than its "
                    + fileBytes + " bytes can hold)");
        }
    }

    private static int twoBytes(byte[] bytes, int at) {
        return unsigned(bytes, at) << 8 | unsigned(bytes, at + 1);
    }

    private static int unsigned(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }
}
