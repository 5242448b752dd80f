package perdura.datasets.split.chexpert;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Samples;

/**
 * The rows of both tables of CheXpert.
 *
 * @param rows in any order; row numbers of splits are places in this list
 * @param samples the same rows: the id is the path below the data set's folder
 */
public record ChexpertTable(List<Row> rows, Samples samples) {
    /** The table that a row is from. */
    public enum Source {
        /** {@code train.csv}. */
        TRAIN,
        /** {@code valid.csv}, the official validation set. */
        VALID
    }

    public ChexpertTable {
        rows = List.copyOf(rows);
    }

    /** @throws perdura.grids.spec.PerduraException INVALID_DATA if a path occurs twice */
    public static ChexpertTable of(List<Row> rows) {
        return new ChexpertTable(
                rows,
                new Samples(
                        rows.stream().map(row -> row.image().path()).toList(),
                        rows.stream().map(row -> row.image().patient()).toList()));
    }

    /** The frontal rows of one table, by ascending path. */
    public RowList frontal(Source source) {
        return samples.ascending(samples.rows()
                .filter(i -> rows.get(i).view() == Row.View.FRONTAL
                        && rows.get(i).image().table() == source));
    }

    /** Counts alone. */
    @Override
    public String toString() {
        return "ChexpertTable[" + rows.size() + " rows]";
    }

    /** One row of {@code train.csv} or {@code valid.csv}. */
    public record Row(Image image, View view, Mentions mentions) {
        /** The column Frontal/Lateral. */
        public enum View {
            FRONTAL,
            LATERAL
        }
    }

    /**
     * An image's place in CheXpert, read from the {@code Path} of a table or of a list.
     *
     * @param path below the data set's folder, for instance {@code train/patient00001/study1/view1_frontal.jpg}
     * @param table whose folder it is in
     * @param patient for instance {@code patient00001}
     */
    public record Image(String path, ChexpertTable.Source table, String patient) {
        private static final Pattern PATH =
                Pattern.compile("(?:[^/]+/)?((train|valid)/(patient[0-9]+)/study[0-9]+/[^/]+\\.jpg)");

        /** Reads a path with or without the name of the data set's folder in front; nothing if it is none of CheXpert. */
        public static Optional<Image> parse(String path) {
            Matcher matcher = PATH.matcher(path);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            ChexpertTable.Source table =
                    matcher.group(2).equals("train") ? ChexpertTable.Source.TRAIN : ChexpertTable.Source.VALID;
            return Optional.of(new Image(matcher.group(1), table, matcher.group(3)));
        }
    }
}
