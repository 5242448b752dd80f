package perdura.datasets.split;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** The split that a data set's owners give, for instance MIMIC-CXR's (prior.md 1.1). */
public final class GivenSplit {
    private GivenSplit() {}

    /**
     * Rows by the part that is written beside each, in their order.
     *
     * @param partOfRow one for each row of {@code samples}
     * @param parts the names that may occur, in the order of the result; each must occur
     * @throws PerduraException INVALID_DATA for another name, or a name without a row
     */
    public static Split of(String name, Samples samples, List<String> partOfRow, List<String> parts) {
        if (partOfRow.size() != samples.size()) {
            throw new IllegalArgumentException(
                    "there must be one part for each row, were " + partOfRow.size() + " for " + samples.size());
        }
        Map<String, IntStream.Builder> found = new LinkedHashMap<>();
        parts.forEach(part -> found.put(part, IntStream.builder()));
        for (int row = 0; row < samples.size(); row++) {
            IntStream.Builder rows = found.get(partOfRow.get(row));
            if (rows == null) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        "sample '" + samples.ids().get(row) + "' is in the part '" + partOfRow.get(row)
                                + "', it must be in one of " + parts);
            }
            rows.add(row);
        }
        Map<String, RowList> lists = new LinkedHashMap<>();
        found.forEach((part, rows) -> lists.put(part, RowList.of(rows.build().toArray())));
        return Split.of(name, "official", Map.of("parts", new ArrayList<>(parts)), samples, lists);
    }
}
