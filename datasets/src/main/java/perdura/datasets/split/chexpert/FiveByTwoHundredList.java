package perdura.datasets.split.chexpert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;

/**
 * A 5x200 set from a list file in the format of PRIOR's authors (prior.md 4.3): an object keyed by the row of {@code train.csv}, of
 * {@code {"image_path": "train/patient29750/study15/view1_frontal.jpg", "label": [1, 0, 0, 0, 0]}} with one label in the order of
 * {@link ChexpertFinding#FIVE}. The path names the image; a key that points elsewhere is only counted.
 *
 * @param set a split whose parts are the findings' columns, rows in the order of the list
 * @param keysElsewhere entries whose key is not the number, from 0, of the row with that path
 * @param notAlone entries whose row doesn't show their finding alone
 */
public record FiveByTwoHundredList(Split set, int keysElsewhere, int notAlone) {
    /**
     * Reads a list.
     *
     * @param perClass images that each class must have; {@value FiveByTwoHundred#PER_CLASS} in the authors' list
     * @throws perdura.grids.spec.PerduraException INVALID_DATA with file and line of the faults: no JSON of this form, an image that
     *     isn't a frontal one of {@code train.csv} or is listed twice, a key twice, a label that isn't one of five, another
     *     number of images in a class
     */
    public static FiveByTwoHundredList read(String name, Path file, ChexpertTable table, int perClass) {
        ListFile.Faults faults = new ListFile.Faults(file);
        Reading reading = new Reading(table, faults);
        String sha256 = ListFile.read(file, faults, reading::add);
        faults.throwIfAny(); // so that a class's count isn't a second fault for the same entry
        reading.classes.forEach((finding, rows) -> {
            if (rows.size() != perClass) {
                faults.add(finding.column() + " has " + rows.size() + " images, it must have " + perClass);
            }
        });
        faults.throwIfAny();
        Map<String, RowList> parts = new LinkedHashMap<>();
        reading.classes.forEach((finding, rows) -> parts.put(
                finding.column(),
                RowList.of(rows.stream().mapToInt(Integer::intValue).toArray())));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("perClass", perClass);
        parameters.put("listSha256", sha256);
        return new FiveByTwoHundredList(
                Split.of(name, "5x200 list", parameters, table.samples(), parts),
                reading.keysElsewhere,
                reading.notAlone);
    }

    /** What a list's entries come to. */
    private static final class Reading {
        private final ChexpertTable table;
        private final ListFile.Faults faults;
        private final Map<String, Integer> rowByPath = new HashMap<>();
        private final Map<ChexpertFinding, List<Integer>> classes = new LinkedHashMap<>();
        private final Set<String> keys = new HashSet<>();
        private final Set<Integer> listed = new HashSet<>();
        private int keysElsewhere;
        private int notAlone;

        Reading(ChexpertTable table, ListFile.Faults faults) {
            this.table = table;
            this.faults = faults;
            IntStream.range(0, table.rows().size())
                    .forEach(row -> rowByPath.put(table.samples().ids().get(row), row));
            ChexpertFinding.FIVE.forEach(finding -> classes.put(finding, new ArrayList<>()));
        }

        void add(ListFile.Entry entry) {
            Integer row = rowByPath.get(ChexpertTable.Image.parse(entry.path())
                    .map(ChexpertTable.Image::path)
                    .orElse(entry.path()));
            if (!keys.add(entry.key())) {
                faults.add(entry.line(), "key '" + entry.key() + "' is there already; every key must be there once");
            } else if (row == null || table.rows().get(row).image().table() != ChexpertTable.Source.TRAIN) {
                faults.add(
                        entry.line(),
                        "image_path '" + entry.path()
                                + "' has no row in train.csv; the list must be for this data set");
            } else if (table.rows().get(row).view() != ChexpertTable.Row.View.FRONTAL) {
                faults.add(entry.line(), "image_path '" + entry.path() + "' is a lateral image; it must be frontal");
            } else if (!listed.add(row)) {
                faults.add(entry.line(), "image_path '" + entry.path() + "' is listed already; it must be there once");
            } else {
                ChexpertFinding finding = ChexpertFinding.FIVE.get(entry.label());
                classes.getOrDefault(finding, new ArrayList<>()).add(row);
                keysElsewhere += entry.key()
                                .equals(Integer.toString(table.rows().get(row).number()))
                        ? 0
                        : 1;
                notAlone += table.rows().get(row).mentions().isOnly(finding) ? 0 : 1;
            }
        }
    }
}
