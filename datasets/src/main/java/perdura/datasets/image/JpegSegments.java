package perdura.datasets.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ReadLimit;

/**
 * The segments of a JPEG file in front of its pixels (ITU-T T.81 B.1).
 *
 * @param adobeTransform what Adobe's marker says of the colours, -1 without one
 * @param profiles where the segments of a colour profile lie
 */
record JpegSegments(JpegFrame frame, int adobeTransform, List<Segment> profiles) {
    private static final int FRAME_FIRST = 0xC0;
    private static final int FRAME_LAST = 0xCF;
    private static final int SCAN = 0xDA;
    private static final int PROFILE = 0xE2;
    private static final int ADOBE = 0xEE;
    private static final String PROFILE_NAME = "ICC_PROFILE\0";
    private static final String ADOBE_NAME = "Adobe";

    /** A segment with its marker: from, to (exclusive). */
    record Segment(int from, int to) {}

    /**
     * Reads the segments, and looks for the marker behind the pixels.
     *
     * @throws IOException if the bytes are no JPEG file, are damaged, are cut off, or give a size that can't be
     */
    static JpegSegments read(byte[] bytes) throws IOException {
        if (bytes.length < 4 || unsigned(bytes, 0) != 0xFF || unsigned(bytes, 1) != 0xD8) {
            throw new IOException(ImageKind.of(bytes)
                    .map(kind -> "not a JPEG file but a " + kind.shown())
                    .orElse("not a JPEG file (" + bytes.length + " bytes, it must begin with FF D8)"));
        }
        int at = 2;
        JpegFrame frame = null;
        int adobe = -1;
        List<Segment> profiles = new ArrayList<>();
        while (at + 10 <= bytes.length && unsigned(bytes, at) == 0xFF) {
            int marker = unsigned(bytes, at + 1);
            if (marker == 0xFF) { // fill byte
                at++;
                continue;
            }
            int next = at + 2 + twoBytes(bytes, at + 2);
            if (marker == SCAN) {
                if (frame == null) {
                    throw new IOException("damaged JPEG file (its pixels begin before its size)");
                }
                frame.checkScans(countScans(bytes, at));
                requireEnd(bytes, at);
                return new JpegSegments(frame, adobe, profiles);
            } else if (marker >= FRAME_FIRST
                    && marker <= FRAME_LAST
                    && marker != 0xC4
                    && marker != 0xC8
                    && marker != 0xCC) {
                frame = new JpegFrame(twoBytes(bytes, at + 7), twoBytes(bytes, at + 5), unsigned(bytes, at + 9));
                frame.check(bytes.length);
            } else if (marker == PROFILE && isNamed(bytes, at + 4, PROFILE_NAME)) {
                profiles.add(new Segment(at, Math.min(next, bytes.length)));
            } else if (marker == ADOBE && isNamed(bytes, at + 4, ADOBE_NAME) && at + 16 <= bytes.length) {
                adobe = unsigned(bytes, at + 15);
            }
            at = next;
        }
        throw new IOException(
                at >= bytes.length || unsigned(bytes, at) == 0xFF
                        ? "truncated JPEG file (" + bytes.length + " bytes, it ends in front of its pixels)"
                        : "damaged JPEG file (no segment begins at byte " + at + ")");
    }

    /** Scans from the first one on: each passes over the whole image. */
    private static int countScans(byte[] bytes, int first) {
        int scans = 0;
        for (int at = first; at + 1 < bytes.length; at++) {
            if (bytes[at] == (byte) 0xFF && unsigned(bytes, at + 1) == SCAN) {
                scans++;
            }
        }
        return scans;
    }

    /** Within pixels a byte FF is followed by 00 or a restart, so this can't be a part of them. */
    private static void requireEnd(byte[] bytes, int scan) throws IOException {
        for (int at = bytes.length - 2; at > scan; at--) {
            if (unsigned(bytes, at) == 0xFF && unsigned(bytes, at + 1) == 0xD9) {
                return;
            }
        }
        throw new IOException("truncated JPEG file (" + bytes.length + " bytes, its pixels must end with FF D9)");
    }

    /** The file without its colour profile; the same array if it has none. */
    byte[] withoutProfiles(byte[] bytes) {
        if (profiles.isEmpty()) {
            return bytes;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        int from = 0;
        for (Segment profile : profiles) {
            out.write(bytes, from, profile.from() - from);
            from = profile.to();
        }
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }

    private static boolean isNamed(byte[] bytes, int at, String name) {
        return at + name.length() <= bytes.length
                && new String(bytes, at, name.length(), StandardCharsets.ISO_8859_1).equals(name);
    }

    private static int unsigned(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }

    private static int twoBytes(byte[] bytes, int at) {
        return unsigned(bytes, at) << 8 | unsigned(bytes, at + 1);
    }

    /** The size that the frame header gives (ITU-T T.81 B.2.2). */
    record JpegFrame(int width, int height, int components) {
        /** More than any coding reaches: a block of 64 pixels needs two bits, one where chroma hardly counts. */
        private static final long MOST_PIXELS_PER_BYTE = 1024;

        /** For messages. */
        String shown() {
            return width + " x " + height + " pixels with " + Amount.of(components, "sample");
        }

        private void checkScans(int scans) throws IOException {
            if (scans > ReadLimit.IMAGE_SCANS.most()) {
                throw new IOException("JPEG file of " + scans + " scans: " + ReadLimit.IMAGE_SCANS.told());
            }
            if ((long) scans * width * height * components > ReadLimit.IMAGE_WORK.most()) {
                throw new IOException(
                        "JPEG file of " + shown() + " and " + scans + " scans: " + ReadLimit.IMAGE_WORK.told());
            }
        }

        private void check(int fileBytes) throws IOException {
            long pixels = (long) width * height;
            if (pixels == 0) {
                throw new IOException("damaged JPEG file (its size is " + width + " x " + height + ")");
            }
            if (pixels * components > ReadLimit.IMAGE_SAMPLES.most()) {
                throw new IOException("damaged JPEG file (its size is " + width + " x " + height + " with " + components
                        + " samples; " + ReadLimit.IMAGE_SAMPLES.told() + ")");
            }
            if (pixels > MOST_PIXELS_PER_BYTE * fileBytes) {
                throw new IOException("damaged JPEG file (its size is " + width + " x " + height + ", more than its "
                        + fileBytes + " bytes can hold)");
            }
        }
    }
}
