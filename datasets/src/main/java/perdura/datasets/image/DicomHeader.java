package perdura.datasets.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import perdura.datasets.image.DicomElements.DicomElement;
import perdura.datasets.image.DicomWriter.Encoding;

/** A file up to its pixels: the attributes that matter, and where the pixels are. Everything else is passed over. */
final class DicomHeader {
    private static final int PREAMBLE_BYTES = 128;
    private static final int META_GROUP = 0x0002;
    private static final int FIRST_GROUP = 0x0008;
    private static final String ROOT = "1.2.840.10008.1.2";
    private static final int TRANSFER_SYNTAX_UID = 0x0002_0010;
    /** Longer texts are cut; what is wanted of them stands in front. */
    private static final int TEXT_BYTES = 128;

    private static final Map<Integer, DicomAttribute> BY_TAG = byTag();

    private final byte[] bytes;
    private final DicomElements elements;
    private final Map<DicomAttribute, DicomElement> found = new EnumMap<>(DicomAttribute.class);
    private Encoding encoding = Encoding.EXPLICIT_LITTLE_ENDIAN;

    private DicomHeader(byte[] bytes, int from) {
        this.bytes = bytes;
        this.elements = new DicomElements(bytes, from);
    }

    private static Map<Integer, DicomAttribute> byTag() {
        Map<Integer, DicomAttribute> byTag = new HashMap<>();
        for (DicomAttribute attribute : DicomAttribute.values()) {
            byTag.put(attribute.tag(), attribute);
        }
        return byTag;
    }

    /** With or without preamble, with or without the group of the file meta information (PS3.10 7). */
    static DicomHeader read(byte[] bytes) throws DicomFault {
        DicomHeader header = new DicomHeader(bytes, hasPreamble(bytes) ? PREAMBLE_BYTES + 4 : 0);
        int group = header.elements.nextGroup();
        if (!hasPreamble(bytes) && group != META_GROUP && group != FIRST_GROUP) {
            Optional<ImageKind> kind = ImageKind.of(bytes);
            throw kind.isPresent()
                    ? DicomFault.unsupported(
                            "it is a " + kind.get().shown(), "restore it from its source or leave it out")
                    : DicomFault.damaged("its " + bytes.length
                            + " bytes have neither DICM at byte 128 nor an element of group 0002 or 0008 in front");
        }
        header.readMeta();
        header.readToPixels();
        return header;
    }

    private static boolean hasPreamble(byte[] bytes) {
        return bytes.length >= PREAMBLE_BYTES + 4
                && new String(bytes, PREAMBLE_BYTES, 4, StandardCharsets.ISO_8859_1).equals("DICM");
    }

    private void readMeta() throws DicomFault {
        String uid = null;
        while (elements.nextGroup() == META_GROUP) {
            DicomElement element = elements.next();
            if (element.tag() == TRANSFER_SYNTAX_UID && !element.isUndefined()) {
                uid = text(element);
            } else if (element.tag() == DicomAttribute.MEDIA_SOP_CLASS.tag()) {
                found.put(DicomAttribute.MEDIA_SOP_CLASS, element);
            }
            elements.skip(element);
        }
        encoding = encoding(uid);
        // The elements themselves tell, where they and the transfer syntax differ: pydicom does so too.
        elements.useExplicit(elements.isNextExplicit());
    }

    /** Without a transfer syntax: implicit, unless the first element names a value representation. */
    private Encoding encoding(@Nullable String uid) throws DicomFault {
        if (uid == null) {
            return elements.isNextExplicit() ? Encoding.EXPLICIT_LITTLE_ENDIAN : Encoding.IMPLICIT_LITTLE_ENDIAN;
        }
        for (Encoding known : Encoding.values()) {
            if (known.uid().equals(uid)) {
                return known;
            }
        }
        throw DicomFault.unsupported(
                "its transfer syntax is " + transferSyntax(uid),
                "store it uncompressed in little endian, or as JPEG Baseline");
    }

    /** Name and UID of a registered transfer syntax (PS3.6 table A-1); of an unknown one the UID alone. */
    private static String transferSyntax(String uid) {
        Properties bySuffix = new Properties();
        try (InputStream in = DicomHeader.class.getResourceAsStream("transfer-syntaxes.properties")) {
            bySuffix.load(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException("the table of transfer syntaxes can't be read", e);
        }
        String name = uid.startsWith(ROOT) ? bySuffix.getProperty(uid.substring(ROOT.length())) : null;
        return name == null ? "'" + uid + "'" : name + " (" + uid + ")";
    }

    private void readToPixels() throws DicomFault {
        while (!elements.isAtEnd()) {
            DicomElement element = elements.next();
            if (element.tag() >>> 16 == 0xFFFE) {
                throw DicomFault.damaged(element.shown() + " stands outside of a sequence");
            }
            DicomAttribute attribute = BY_TAG.get(element.tag());
            if (attribute != null) {
                found.put(attribute, element);
            }
            if (attribute == DicomAttribute.PIXEL_DATA) {
                return;
            }
            elements.skip(element);
        }
        Optional<String> content =
                DicomContent.withoutPixels(text(DicomAttribute.SOP_CLASS), text(DicomAttribute.MEDIA_SOP_CLASS));
        throw content.isPresent()
                ? DicomFault.unsupported("it holds " + content.get() + ", no image", "leave it out")
                : DicomFault.damaged("its " + bytes.length + " bytes hold no " + DicomAttribute.PIXEL_DATA);
    }

    Encoding encoding() {
        return encoding;
    }

    Optional<DicomElement> find(DicomAttribute attribute) {
        return Optional.ofNullable(found.get(attribute));
    }

    DicomElement pixelData() {
        return find(DicomAttribute.PIXEL_DATA).orElseThrow();
    }

    /** For messages: name, tag and, where the file has it, the place. */
    String shown(DicomAttribute attribute) {
        DicomElement element = found.get(attribute);
        return element == null ? attribute.toString() : attribute + " at byte " + element.at();
    }

    /** The joined fragments of compressed pixels. */
    byte[] fragments() throws DicomFault {
        return elements.fragments(pixelData());
    }

    /** An unsigned number of 16 bits. */
    int number(DicomAttribute attribute) throws DicomFault {
        DicomElement element = required(attribute);
        if (element.lengthBytes() != 2) {
            throw DicomFault.damaged(shown(attribute) + " has " + element.lengthBytes() + " bytes, it must have 2");
        }
        int at = element.valueAt();
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8;
    }

    /** The first value of a text, without blanks around it; empty where the attribute is missing. */
    String text(DicomAttribute attribute) {
        DicomElement element = found.get(attribute);
        return element == null || element.isUndefined() ? "" : text(element);
    }

    String requiredText(DicomAttribute attribute) throws DicomFault {
        required(attribute);
        return text(attribute);
    }

    /** The first value of a decimal text. */
    OptionalDouble decimal(DicomAttribute attribute) throws DicomFault {
        String text = text(attribute);
        if (text.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!text.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?")) { // PS3.5 6.2, DS
            throw DicomFault.damaged(shown(attribute) + " is '" + text + "', it must be a decimal number");
        }
        return OptionalDouble.of(Double.parseDouble(text));
    }

    private DicomElement required(DicomAttribute attribute) throws DicomFault {
        DicomElement element = found.get(attribute);
        if (element == null) {
            throw DicomFault.damaged("it has no " + attribute);
        }
        return element;
    }

    private String text(DicomElement element) {
        int length = (int) Math.min(TEXT_BYTES, element.lengthBytes());
        String text = new String(bytes, element.valueAt(), length, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\\');
        return (end < 0 ? text : text.substring(0, end))
                .replace('\0', ' ')
                .strip()
                .replaceAll("[^ -~]", "?");
    }

    /** What decides how a file's pixels are read; names and tags as in PS3.6. */
    enum DicomAttribute {
        MEDIA_SOP_CLASS("MediaStorageSOPClassUID", 0x0002_0002),
        SOP_CLASS("SOPClassUID", 0x0008_0016),
        SAMPLES_PER_PIXEL("SamplesPerPixel", 0x0028_0002),
        PHOTOMETRIC_INTERPRETATION("PhotometricInterpretation", 0x0028_0004),
        NUMBER_OF_FRAMES("NumberOfFrames", 0x0028_0008),
        ROWS("Rows", 0x0028_0010),
        COLUMNS("Columns", 0x0028_0011),
        BITS_ALLOCATED("BitsAllocated", 0x0028_0100),
        BITS_STORED("BitsStored", 0x0028_0101),
        HIGH_BIT("HighBit", 0x0028_0102),
        PIXEL_REPRESENTATION("PixelRepresentation", 0x0028_0103),
        WINDOW_CENTER("WindowCenter", 0x0028_1050),
        WINDOW_WIDTH("WindowWidth", 0x0028_1051),
        RESCALE_INTERCEPT("RescaleIntercept", 0x0028_1052),
        RESCALE_SLOPE("RescaleSlope", 0x0028_1053),
        VOI_LUT_FUNCTION("VOILUTFunction", 0x0028_1056),
        MODALITY_LUT_SEQUENCE("ModalityLUTSequence", 0x0028_3000),
        PIXEL_DATA("PixelData", 0x7FE0_0010);

        private final String title;
        private final int tag;

        DicomAttribute(String title, int tag) {
            this.title = title;
            this.tag = tag;
        }

        int tag() {
            return tag;
        }

        @Override
        public String toString() {
            return title + " " + DicomElement.shown(tag);
        }
    }
}
