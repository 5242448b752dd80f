package perdura.datasets.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes grey images as DICOM files: secondary captures of computed radiography, one frame, no other patient's or
 * study's data than the tags given. The same image and tags give the same bytes.
 */
public final class DicomWriter {
    /** Identifies the writer; derived from a random UUID as of PS3.5 B.2. */
    private static final String IMPLEMENTATION = "2.25.37065526808813808720589270350682457587";

    private static final String SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
    private static final int PREAMBLE_BYTES = 128;

    private DicomWriter() {}

    /** How the pixels are stored. */
    public enum Encoding {
        EXPLICIT_LITTLE_ENDIAN("1.2.840.10008.1.2.1"),
        IMPLICIT_LITTLE_ENDIAN("1.2.840.10008.1.2"),
        JPEG_BASELINE("1.2.840.10008.1.2.4.50");

        private final String uid;

        Encoding(String uid) {
            this.uid = uid;
        }

        /** Of the transfer syntax. */
        String uid() {
            return uid;
        }
    }

    /** Which end of the stored values is white. */
    public enum Photometric {
        /** 0 is white. */
        MONOCHROME1,
        /** 0 is black. */
        MONOCHROME2
    }

    /**
     * What a file says besides its pixels.
     *
     * @param patientId at most 64 characters, ASCII; also the patient's name
     * @param sopInstanceUid the file's own UID; digits and dots, at most 64 characters, as the two below
     * @param viewPosition for instance PA; capitals, at most 16
     */
    public record Tags(
            String patientId,
            String sopInstanceUid,
            String studyInstanceUid,
            String seriesInstanceUid,
            String viewPosition,
            Photometric photometric) {
        public Tags {
            check("patientId", patientId, "[A-Za-z0-9._ -]{1,64}");
            check("sopInstanceUid", sopInstanceUid, "[0-9.]{1,64}");
            check("studyInstanceUid", studyInstanceUid, "[0-9.]{1,64}");
            check("seriesInstanceUid", seriesInstanceUid, "[0-9.]{1,64}");
            check("viewPosition", viewPosition, "[A-Z0-9_ ]{0,16}");
        }

        private static void check(String name, String value, String pattern) {
            if (!value.matches(pattern)) {
                throw new IllegalArgumentException(name + " must match " + pattern + ", was '" + value + "'");
            }
        }
    }

    /**
     * One file.
     *
     * @param image as it looks, white high; MONOCHROME1 stores it inverted. At most 65,535 x 65,535
     */
    public static byte[] write(GrayImage image, Tags tags, Encoding encoding) throws IOException {
        DicomElementWriter elements = begin(tags, encoding);
        writeFrame(elements, image.width(), image.height(), 8, tags);
        byte[] stored = stored(image, tags.photometric());
        if (encoding == Encoding.JPEG_BASELINE) {
            byte[] jpeg = JpegFile.encode(stored, image.width(), image.height());
            elements.text(0x0028_2110, "CS", "01"); // LossyImageCompression
            double ratio = (double) stored.length / jpeg.length;
            elements.text(0x0028_2112, "DS", String.format(Locale.ROOT, "%.3f", ratio));
            elements.text(0x0028_2114, "CS", "ISO_10918_1");
            elements.encapsulated(0x7FE0_0010, jpeg);
        } else {
            elements.bytes(0x7FE0_0010, "OB", stored);
        }
        return file(tags, encoding, elements);
    }

    /**
     * One file of an image of more than 8 bits.
     *
     * @param stored [height, width], 16 bits each with the low byte first, values below 2^bits, whatever the tags call white
     * @param encoding not JPEG, whose baseline has 8 bits
     */
    public static byte[] write(byte[] stored, int width, int height, Window window, Tags tags, Encoding encoding) {
        if (encoding == Encoding.JPEG_BASELINE) {
            throw new IllegalArgumentException("JPEG baseline has 8 bits, the image has " + window.bits());
        }
        DicomElementWriter elements = begin(tags, encoding);
        writeFrame(elements, width, height, window.bits(), tags);
        elements.text(0x0028_1050, "DS", Integer.toString(window.center()));
        elements.text(0x0028_1051, "DS", Integer.toString(window.width()));
        elements.bytes(0x7FE0_0010, "OW", stored);
        return file(tags, encoding, elements);
    }

    /**
     * In which an image is to be looked at: black is at {@code center - 0.5 - (width - 1) / 2}, white {@code width - 1} above that
     * (PS3.3 C.11.2.1.2.1).
     *
     * @param bits stored bits, 9 to 16
     * @param width at least 2
     */
    public record Window(int bits, int center, int width) {
        public Window {
            if (bits < 9 || bits > 16 || width < 2) {
                throw new IllegalArgumentException(
                        "bits must be 9 to 16 and width >= 2, were " + bits + " and " + width);
            }
        }
    }

    private static DicomElementWriter begin(Tags tags, Encoding encoding) {
        DicomElementWriter elements = new DicomElementWriter(encoding != Encoding.IMPLICIT_LITTLE_ENDIAN);
        writeIdentity(elements, tags);
        return elements;
    }

    private static byte[] file(Tags tags, Encoding encoding, DicomElementWriter elements) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[PREAMBLE_BYTES]);
        file.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
        byte[] meta = meta(tags, encoding);
        DicomElementWriter length = new DicomElementWriter(true);
        length.number(0x0002_0000, meta.length);
        file.writeBytes(length.toBytes());
        file.writeBytes(meta);
        file.writeBytes(elements.toBytes());
        return file.toByteArray();
    }

    private static byte[] meta(Tags tags, Encoding encoding) {
        DicomElementWriter meta = new DicomElementWriter(true);
        meta.bytes(0x0002_0001, "OB", new byte[] {0, 1});
        meta.text(0x0002_0002, "UI", SECONDARY_CAPTURE);
        meta.text(0x0002_0003, "UI", tags.sopInstanceUid());
        meta.text(0x0002_0010, "UI", encoding.uid);
        meta.text(0x0002_0012, "UI", IMPLEMENTATION);
        meta.text(0x0002_0013, "SH", "PERDURA");
        return meta.toBytes();
    }

    private static void writeIdentity(DicomElementWriter out, Tags tags) {
        out.text(0x0008_0005, "CS", "ISO_IR 100");
        out.text(0x0008_0016, "UI", SECONDARY_CAPTURE);
        out.text(0x0008_0018, "UI", tags.sopInstanceUid());
        out.text(0x0008_0020, "DA", "19010101"); // StudyDate
        out.text(0x0008_0030, "TM", "000000");
        out.text(0x0008_0050, "SH", ""); // AccessionNumber
        out.text(0x0008_0060, "CS", "CR");
        out.text(0x0008_0064, "CS", "WSD"); // ConversionType
        out.text(0x0008_0090, "PN", ""); // ReferringPhysicianName
        out.text(0x0010_0010, "PN", tags.patientId());
        out.text(0x0010_0020, "LO", tags.patientId());
        out.text(0x0010_0030, "DA", ""); // PatientBirthDate
        out.text(0x0010_0040, "CS", ""); // PatientSex
        out.text(0x0018_5101, "CS", tags.viewPosition());
        out.text(0x0020_000D, "UI", tags.studyInstanceUid());
        out.text(0x0020_000E, "UI", tags.seriesInstanceUid());
        out.text(0x0020_0010, "SH", ""); // StudyID
        out.text(0x0020_0011, "IS", "1"); // SeriesNumber
        out.text(0x0020_0013, "IS", "1"); // InstanceNumber
        out.text(0x0020_0020, "CS", ""); // PatientOrientation
    }

    private static void writeFrame(DicomElementWriter out, int width, int height, int bits, Tags tags) {
        if (width > 0xFFFF || height > 0xFFFF) {
            throw new IllegalArgumentException("width and height must be <= 65535, were " + width + " and " + height);
        }
        out.number16(0x0028_0002, 1); // SamplesPerPixel
        out.text(0x0028_0004, "CS", tags.photometric().name());
        out.number16(0x0028_0010, height);
        out.number16(0x0028_0011, width);
        out.number16(0x0028_0100, bits > 8 ? 16 : 8); // BitsAllocated
        out.number16(0x0028_0101, bits); // BitsStored
        out.number16(0x0028_0102, bits - 1); // HighBit
        out.number16(0x0028_0103, 0); // PixelRepresentation: unsigned
    }

    private static byte[] stored(GrayImage image, Photometric photometric) {
        byte[] stored = image.pixels().clone();
        if (photometric == Photometric.MONOCHROME1) {
            for (int i = 0; i < stored.length; i++) {
                stored[i] = (byte) ~stored[i];
            }
        }
        return stored;
    }
}
