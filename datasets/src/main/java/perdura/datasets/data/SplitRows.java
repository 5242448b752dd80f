package perdura.datasets.data;

import java.util.stream.IntStream;
import perdura.grids.spec.DataSpec;

/** The rows of a data set that the owner's splits select. */
public final class SplitRows {
    private SplitRows() {}

    /** Rows in their order. */
    public static int[] of(DataSet data, DataSpec.Split split) {
        return switch (split) {
            case TRAIN -> rows(data).filter(row -> isTrained(data, row)).toArray();
            case ALL -> rows(data).toArray();
        };
    }

    /** The rows of the owner's validation and test parts. */
    public static int[] heldOut(DataSet data) {
        return rows(data).filter(row -> !isTrained(data, row)).toArray();
    }

    /** The rows of the owner's validation part. */
    static int[] validate(DataSet data) {
        return rows(data).filter(row -> data.split(row).equals("validate")).toArray();
    }

    private static IntStream rows(DataSet data) {
        return IntStream.range(0, Math.toIntExact(data.size()));
    }

    private static boolean isTrained(DataSet data, int row) {
        return data.split(row).equals("train");
    }
}
