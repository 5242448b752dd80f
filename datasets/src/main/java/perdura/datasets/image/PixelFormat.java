package perdura.datasets.image;

import java.util.Set;
import perdura.datasets.image.DicomHeader.DicomAttribute;

/**
 * How stored pixels are to be understood (PS3.3 C.7.6.3), checked.
 *
 * @param bitsAllocated 8 or 16
 * @param bitsStored 1 to {@code bitsAllocated}
 * @param highBit the place of the highest stored bit
 * @param isInverted whether 0 is white: MONOCHROME1
 */
record PixelFormat(
        int rows,
        int columns,
        int samples,
        int bitsAllocated,
        int bitsStored,
        int highBit,
        boolean isSigned,
        boolean isInverted) {
    private static final Set<String> COLOURS = Set.of("RGB", "YBR_FULL", "YBR_FULL_422");

    static PixelFormat of(DicomHeader header) throws DicomFault {
        int samples = header.number(DicomAttribute.SAMPLES_PER_PIXEL);
        String photometric = header.requiredText(DicomAttribute.PHOTOMETRIC_INTERPRETATION);
        checkPhotometric(header, photometric, samples);
        checkFrames(header);
        int allocated = header.number(DicomAttribute.BITS_ALLOCATED);
        boolean isJpeg = header.encoding() == DicomWriter.Encoding.JPEG_BASELINE;
        if (allocated != 8 && (allocated != 16 || isJpeg)) {
            throw DicomFault.unsupported(
                    header.shown(DicomAttribute.BITS_ALLOCATED) + " is " + allocated,
                    "store it with 8 bits" + (isJpeg ? "" : " or 16 bits") + " for each pixel");
        }
        if (isJpeg) {
            checkJpeg(header);
        }
        return new PixelFormat(
                positive(header, DicomAttribute.ROWS, 0xFFFF),
                positive(header, DicomAttribute.COLUMNS, 0xFFFF),
                samples,
                allocated,
                positive(header, DicomAttribute.BITS_STORED, allocated),
                highBit(header, allocated),
                isSigned(header),
                photometric.equals("MONOCHROME1"));
    }

    long pixels() {
        return (long) rows * columns;
    }

    /** Of all pixels, uncompressed. */
    long lengthBytes() {
        return pixels() * (bitsAllocated / 8);
    }

    /** The number that a pixel stands for; bits beside the stored ones are something else's. */
    int value(int allocated) {
        int left = allocated << (31 - highBit); // the highest stored bit is the sign's place
        return isSigned ? left >> (32 - bitsStored) : left >>> (32 - bitsStored);
    }

    private static void checkPhotometric(DicomHeader header, String photometric, int samples) throws DicomFault {
        boolean isJpeg = header.encoding() == DicomWriter.Encoding.JPEG_BASELINE;
        boolean isGray = photometric.equals("MONOCHROME1") || photometric.equals("MONOCHROME2");
        if (!isGray && !(isJpeg && COLOURS.contains(photometric))) {
            throw DicomFault.unsupported(
                    header.shown(DicomAttribute.PHOTOMETRIC_INTERPRETATION) + " is '" + photometric + "'",
                    "store it as MONOCHROME2 or MONOCHROME1" + (isJpeg ? "" : ", or its colours as JPEG Baseline"));
        }
        if (samples != (isGray ? 1 : 3)) {
            throw DicomFault.damaged(header.shown(DicomAttribute.SAMPLES_PER_PIXEL) + " is " + samples + ", which "
                    + photometric + " can't have");
        }
    }

    /** PS3.5 8.2.1. */
    private static void checkJpeg(DicomHeader header) throws DicomFault {
        int stored = header.number(DicomAttribute.BITS_STORED);
        if (stored != 8) {
            throw damaged(header, DicomAttribute.BITS_STORED, stored, "8 in JPEG Baseline");
        }
        if (isSigned(header)) {
            throw damaged(header, DicomAttribute.PIXEL_REPRESENTATION, 1, "0, unsigned, in JPEG Baseline");
        }
    }

    private static void checkFrames(DicomHeader header) throws DicomFault {
        String frames = header.text(DicomAttribute.NUMBER_OF_FRAMES);
        if (!frames.isEmpty() && !frames.equals("1")) {
            throw DicomFault.unsupported(
                    header.shown(DicomAttribute.NUMBER_OF_FRAMES) + " is '" + frames + "'",
                    "store each frame in a file of its own");
        }
    }

    private static int positive(DicomHeader header, DicomAttribute attribute, int most) throws DicomFault {
        int number = header.number(attribute);
        if (number < 1 || number > most) {
            throw damaged(header, attribute, number, "1 to " + most);
        }
        return number;
    }

    private static int highBit(DicomHeader header, int allocated) throws DicomFault {
        int highBit = header.number(DicomAttribute.HIGH_BIT);
        int least = header.number(DicomAttribute.BITS_STORED) - 1;
        if (highBit < least || highBit >= allocated) {
            throw damaged(header, DicomAttribute.HIGH_BIT, highBit, "at least " + least + " and below " + allocated);
        }
        return highBit;
    }

    private static boolean isSigned(DicomHeader header) throws DicomFault {
        int representation = header.number(DicomAttribute.PIXEL_REPRESENTATION);
        if (representation > 1) {
            throw damaged(header, DicomAttribute.PIXEL_REPRESENTATION, representation, "0 or 1");
        }
        return representation == 1;
    }

    private static DicomFault damaged(DicomHeader header, DicomAttribute attribute, int number, String range) {
        return DicomFault.damaged(header.shown(attribute) + " is " + number + ", it must be " + range);
    }
}
