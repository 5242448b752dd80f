package perdura.datasets.image;

import java.util.Locale;

/**
 * The header of a data element (PS3.5 7.1).
 *
 * @param tag group in the high, element in the low 16 bits
 * @param vr value representation, empty where it is implicit
 * @param at the byte it begins at
 * @param valueAt the byte its value begins at
 * @param lengthBytes of the value, or {@link #UNDEFINED}
 */
record DicomElement(int tag, String vr, int at, int valueAt, long lengthBytes) {
    static final long UNDEFINED = 0xFFFF_FFFFL;

    boolean isUndefined() {
        return lengthBytes == UNDEFINED;
    }

    int end() {
        return valueAt + Math.toIntExact(lengthBytes);
    }

    /** For messages: the tag as of PS3.6, and the place. */
    String shown() {
        return "element " + shown(tag) + " at byte " + at;
    }

    static String shown(int tag) {
        return String.format(Locale.ROOT, "(%04x,%04x)", tag >>> 16, tag & 0xFFFF);
    }
}
