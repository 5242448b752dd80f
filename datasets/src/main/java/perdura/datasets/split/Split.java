package perdura.datasets.split;

import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Named parts of a data set that share no row.
 *
 * @param name of this split, unique in its data set
 * @param method how it is made, for instance {@code ratio 6:2:2}
 * @param parameters what else decides it (seed, unit, fraction), as values of canonical JSON, in a fixed order
 * @param parts by name, in a fixed order
 */
public record Split(String name, String method, Map<String, Object> parameters, Map<String, Part> parts) {
    /** Name of the part that trains. */
    public static final String TRAIN = "train";
    /** Name of the part that selects a checkpoint. */
    public static final String VALIDATION = "validation";
    /** Name of the part that is reported. */
    public static final String TEST = "test";

    public Split {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /** Parts train, validation and test, in this order. */
    public static Map<String, RowList> parts(RowList train, RowList validation, RowList test) {
        Map<String, RowList> parts = new LinkedHashMap<>();
        parts.put(TRAIN, train);
        parts.put(VALIDATION, validation);
        parts.put(TEST, test);
        return parts;
    }

    /**
     * A split of {@code samples}.
     *
     * @throws PerduraException INVALID_DATA if a part is empty
     * @throws IllegalArgumentException if a row is in two parts, twice in one, or not of the samples
     */
    public static Split of(
            String name, String method, Map<String, Object> parameters, Samples samples, Map<String, RowList> parts) {
        BitSet seen = new BitSet(samples.size());
        Map<String, Part> checked = new LinkedHashMap<>();
        parts.forEach((part, rows) -> {
            if (rows.size() == 0) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        "split '" + name + "' (" + method + "): part '" + part + "' is empty; the data set has too few"
                                + " samples or patients for this split");
            }
            for (int i = 0; i < rows.size(); i++) {
                int row = rows.at(i);
                if (row < 0 || row >= samples.size() || seen.get(row)) {
                    throw new IllegalArgumentException("split '" + name + "', part '" + part + "': row " + row
                            + " must be one of " + samples.size() + " and in one part, once");
                }
                seen.set(row);
            }
            checked.put(part, new Part(rows, samples.digest(rows)));
        });
        return new Split(name, method, parameters, checked);
    }

    /** @throws IllegalArgumentException if there is no such part */
    public RowList rows(String part) {
        Part found = parts.get(part);
        if (found == null) {
            throw new IllegalArgumentException(
                    "split '" + name + "' has no part '" + part + "', it has " + parts.keySet());
        }
        return found.rows();
    }

    /**
     * The same split with fewer training rows.
     *
     * @param how parameters that say how they were chosen
     * @param train rows of this split's training part, in the order of the new one
     */
    public Split withTrain(String newName, Map<String, Object> how, Samples samples, RowList train) {
        BitSet all = new BitSet(samples.size());
        rows(TRAIN).stream().forEach(all::set);
        train.stream().filter(row -> !all.get(row)).findFirst().ifPresent(row -> {
            throw new IllegalArgumentException("row " + row + " is not in the training part of split '" + name + "'");
        });
        Map<String, Object> newParameters = new LinkedHashMap<>(parameters);
        newParameters.putAll(how);
        Map<String, RowList> newParts = new LinkedHashMap<>();
        parts.forEach((part, old) -> newParts.put(part, part.equals(TRAIN) ? train : old.rows()));
        return of(newName, method, newParameters, samples, newParts);
    }

    /** Name, method, parameters, and size and digest of each part: what a manifest keeps beside the rows. */
    public Map<String, Object> summary() {
        Map<String, Object> sizes = new LinkedHashMap<>();
        parts.forEach((part, it) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("rows", it.rows().size());
            entry.put("sha256", it.digest());
            sizes.put(part, entry);
        });
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("name", name);
        summary.put("method", method);
        summary.put("parameters", parameters);
        summary.put("parts", sizes);
        return summary;
    }

    /** SHA-256 of the canonical JSON of {@link #summary}: two splits are equal if their digests are. */
    public String digest() {
        return CanonicalJson.sha256(summary());
    }

    /**
     * One part of a split.
     *
     * @param rows rows of the data set's table, in the order of the split; not empty
     * @param digest {@link Samples#digest} of the rows
     */
    public record Part(RowList rows, String digest) {}

    /** What a split must not cut. */
    public enum Unit {
        /** Every sample is placed on its own. */
        SAMPLE,
        /** All samples of a patient come into one part. */
        PATIENT
    }
}
