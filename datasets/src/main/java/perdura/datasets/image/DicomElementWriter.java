package perdura.datasets.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** Writes data elements, little endian, with or without their value representation (PS3.5 7.1). Values get an even length. */
final class DicomElementWriter {
    private static final Set<String> LONG_FORM = Set.of("OB", "OW", "SQ", "UN");
    private static final int ITEM = 0xFFFE_E000;
    private static final int SEQUENCE_END = 0xFFFE_E0DD;
    private static final int UNDEFINED_LENGTH = -1;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean explicit;

    DicomElementWriter(boolean explicit) {
        this.explicit = explicit;
    }

    /** UIDs are padded with a zero, other texts with a blank. */
    void text(int tag, String vr, String value) {
        byte[] ascii = value.getBytes(StandardCharsets.US_ASCII);
        write(tag, vr, ascii, vr.equals("UI") ? 0 : ' ');
    }

    void bytes(int tag, String vr, byte[] value) {
        write(tag, vr, value, 0);
    }

    /** An unsigned number of 16 bits. */
    void number16(int tag, int value) {
        write(tag, "US", new byte[] {(byte) value, (byte) (value >> 8)}, 0);
    }

    /** An unsigned number of 32 bits. */
    void number(int tag, int value) {
        header(tag, "UL", 4);
        int32(value);
    }

    /** Compressed pixels: an empty table of offsets, one fragment, the delimiter (PS3.5 A.4). */
    void encapsulated(int tag, byte[] fragment) {
        header(tag, "OB", UNDEFINED_LENGTH);
        tag(ITEM);
        int32(0);
        tag(ITEM);
        int32(fragment.length + fragment.length % 2);
        padded(fragment, 0);
        tag(SEQUENCE_END);
        int32(0);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private void write(int tag, String vr, byte[] value, int padding) {
        header(tag, vr, value.length + value.length % 2);
        padded(value, padding);
    }

    private void header(int tag, String vr, int length) {
        tag(tag);
        if (!explicit) {
            int32(length);
            return;
        }
        out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
        if (LONG_FORM.contains(vr)) {
            int16(0);
            int32(length);
        } else {
            int16(length);
        }
    }

    private void padded(byte[] value, int padding) {
        byte[] even = Arrays.copyOf(value, value.length + value.length % 2);
        if (even.length > value.length) {
            even[value.length] = (byte) padding;
        }
        out.writeBytes(even);
    }

    private void tag(int tag) {
        int16(tag >>> 16);
        int16(tag);
    }

    private void int16(int value) {
        out.write(value);
        out.write(value >> 8);
    }

    private void int32(int value) {
        int16(value);
        int16(value >>> 16);
    }
}
