package perdura.datasets.array;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An element type as NumPy writes it.
 *
 * @param descr for instance {@code <f4}
 * @param sizeBytes of one element
 */
public record NpyType(String descr, int sizeBytes) {
    public static final NpyType UINT8 = new NpyType("|u1", 1);
    public static final NpyType INT8 = new NpyType("|i1", 1);
    public static final NpyType INT32 = new NpyType("<i4", 4);
    public static final NpyType INT64 = new NpyType("<i8", 8);
    public static final NpyType FLOAT32 = new NpyType("<f4", 4);

    private static final Pattern KNOWN = Pattern.compile("\\|([ui])1|<[if]([48])|\\|S([1-9][0-9]{0,5})");

    /** Byte strings of a fixed width, padded with zeros. */
    public static NpyType text(int width) {
        return new NpyType("|S" + width, width);
    }

    /** @throws IllegalArgumentException for a type that we don't use */
    static NpyType of(String descr) {
        Matcher known = KNOWN.matcher(descr);
        if (!known.matches()) {
            throw new IllegalArgumentException("element type '" + descr + "'");
        }
        String size = known.group(2) != null ? known.group(2) : known.group(3);
        return new NpyType(descr, size == null ? 1 : Integer.parseInt(size));
    }

    boolean isText() {
        return descr.startsWith("|S");
    }
}
