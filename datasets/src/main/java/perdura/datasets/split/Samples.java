package perdura.datasets.split;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Sha256;

/**
 * The samples of a data set by row, as far as a split needs them.
 *
 * @param ids one for each row, all different, without control characters
 * @param patients whose sample a row is; as many as ids
 */
public record Samples(List<String> ids, List<String> patients) {
    /** @throws PerduraException INVALID_DATA if an id occurs twice, or an id or a patient is empty or has a control character */
    public Samples {
        ids = List.copyOf(ids);
        patients = List.copyOf(patients);
        if (ids.size() != patients.size()) {
            throw new IllegalArgumentException(
                    "there must be one patient for each id, were " + patients.size() + " for " + ids.size());
        }
        Set<String> known = new HashSet<>(ids.size() * 2);
        for (int row = 0; row < ids.size(); row++) {
            checkText("id", ids.get(row), row);
            checkText("patient", patients.get(row), row);
            if (!known.add(ids.get(row))) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        "row " + row + ": id '" + ids.get(row) + "' stands in an earlier row already; every id must be"
                                + " there once");
            }
        }
    }

    /** Samples of which each is a patient of its own. */
    public static Samples withoutPatients(List<String> ids) {
        return new Samples(ids, ids);
    }

    public int size() {
        return ids.size();
    }

    /** All rows. */
    public RowList rows() {
        return RowList.range(size());
    }

    /** The given rows by ascending id. */
    public RowList ascending(RowList rows) {
        return rows.sorted(Comparator.comparing(ids::get));
    }

    /** SHA-256 over the ids of the rows in their order, in UTF-8, each followed by a newline; 64 hexadecimal digits. */
    public String digest(RowList rows) {
        MessageDigest digest = Sha256.start();
        for (int i = 0; i < rows.size(); i++) {
            digest.update(ids.get(rows.at(i)).getBytes(StandardCharsets.UTF_8));
            digest.update((byte) '\n');
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Counts alone. */
    @Override
    public String toString() {
        return "Samples[" + ids.size() + " rows]";
    }

    private static void checkText(String what, String text, int row) {
        if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ')) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "row " + row + ": " + what + " '" + text.replaceAll("\\p{Cntrl}", "?")
                            + "' must be a text without control characters, not empty");
        }
    }
}
