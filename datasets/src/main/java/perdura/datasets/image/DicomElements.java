package perdura.datasets.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Set;

/**
 * Walks over the elements of a data set in little endian (PS3.5 7), value representations explicit or implicit. A length is
 * checked against the bytes that are there before anything is done with it.
 */
final class DicomElements {
    private static final Set<String> LONG_FORM =
            Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV");
    private static final Set<String> SHORT_FORM = Set.of(
            "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM",
            "UI", "UL", "US");
    private static final int ITEM = 0xFFFE_E000;
    private static final int ITEM_END = 0xFFFE_E00D;
    private static final int SEQUENCE_END = 0xFFFE_E0DD;
    /** Sequences within sequences; real files stay below ten. */
    private static final int DEEPEST = 32;

    private final ByteBuffer in;
    private int at;
    private boolean explicit = true;

    DicomElements(byte[] bytes, int from) {
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.at = from;
    }

    void useExplicit(boolean isExplicit) {
        explicit = isExplicit;
    }

    int at() {
        return at;
    }

    boolean isAtEnd() {
        return at == in.limit();
    }

    /** The group of the next element, or -1 where none is left. */
    int nextGroup() {
        return in.limit() - at < 2 ? -1 : Short.toUnsignedInt(in.getShort(at));
    }

    /** Whether the next element names a known value representation. */
    boolean isNextExplicit() {
        return in.limit() - at >= 6 && isKnown(vr(at + 4));
    }

    /** Reads the next header and stands at its value. */
    DicomElement next() throws DicomFault {
        return next(explicit);
    }

    private DicomElement next(boolean withVr) throws DicomFault {
        require(8);
        int tag = in.getShort(at) << 16 | Short.toUnsignedInt(in.getShort(at + 2));
        DicomElement element = withVr && tag >>> 16 != ITEM >>> 16
                ? explicitHeader(tag)
                : new DicomElement(tag, "", at, at + 8, Integer.toUnsignedLong(in.getInt(at + 4)));
        int left = in.limit() - element.valueAt();
        if (!element.isUndefined() && element.lengthBytes() > left) {
            throw DicomFault.damaged(element.shown() + " has a length of " + element.lengthBytes() + " bytes, but only "
                    + left + " are left");
        }
        at = element.valueAt();
        return element;
    }

    private DicomElement explicitHeader(int tag) throws DicomFault {
        String vr = vr(at + 4);
        if (LONG_FORM.contains(vr)) {
            require(12);
            return new DicomElement(tag, vr, at, at + 12, Integer.toUnsignedLong(in.getInt(at + 8)));
        }
        if (SHORT_FORM.contains(vr)) {
            return new DicomElement(tag, vr, at, at + 8, Short.toUnsignedInt(in.getShort(at + 6)));
        }
        throw DicomFault.damaged("element " + DicomElement.shown(tag) + " at byte " + at
                + " has an unknown value representation, bytes " + Integer.toHexString(in.get(at + 4) & 0xFF) + " "
                + Integer.toHexString(in.get(at + 5) & 0xFF));
    }

    /** Goes past the value of an element, sequences and fragments included. */
    void skip(DicomElement element) throws DicomFault {
        skip(element, explicit, 1);
    }

    private void skip(DicomElement element, boolean withVr, int depth) throws DicomFault {
        if (!element.isUndefined()) {
            at = element.end();
            return;
        }
        if (depth > DEEPEST) {
            throw DicomFault.damaged(element.shown() + " is nested in more than " + DEEPEST + " sequences");
        }
        boolean itemsWithVr = withVr && !element.vr().equals("UN"); // PS3.5 6.2.2, note 2
        for (DicomElement item = nextItem(element); item.tag() != SEQUENCE_END; item = nextItem(element)) {
            if (!item.isUndefined()) {
                at = item.end();
                continue;
            }
            for (DicomElement inner = next(itemsWithVr); inner.tag() != ITEM_END; inner = next(itemsWithVr)) {
                skip(inner, itemsWithVr, depth + 1);
            }
        }
    }

    private DicomElement nextItem(DicomElement sequence) throws DicomFault {
        DicomElement item = next(false);
        if (item.tag() != ITEM && item.tag() != SEQUENCE_END) {
            throw DicomFault.damaged(
                    item.shown() + " stands where the next item of " + sequence.shown() + " must begin");
        }
        return item;
    }

    /** The joined fragments of one frame; the table of offsets in front of them isn't needed (PS3.5 A.4). */
    byte[] fragments(DicomElement pixelData) throws DicomFault {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        boolean isTable = true;
        for (DicomElement item = nextItem(pixelData); item.tag() != SEQUENCE_END; item = nextItem(pixelData)) {
            if (item.isUndefined()) {
                throw DicomFault.damaged("fragment at byte " + item.at() + " has no length");
            }
            at = item.end();
            if (!isTable) {
                joined.write(in.array(), item.valueAt(), at - item.valueAt());
            }
            isTable = false;
        }
        return joined.toByteArray();
    }

    private void require(int bytes) throws DicomFault {
        if (in.limit() - at < bytes) {
            throw DicomFault.damaged("it ends at byte " + in.limit() + " within the element that begins at byte " + at);
        }
    }

    private String vr(int place) {
        return "" + (char) (in.get(place) & 0xFF) + (char) (in.get(place + 1) & 0xFF);
    }

    private static boolean isKnown(String vr) {
        return LONG_FORM.contains(vr) || SHORT_FORM.contains(vr);
    }

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
}
