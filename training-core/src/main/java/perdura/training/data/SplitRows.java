package perdura.training.data;

import java.util.stream.IntStream;
import perdura.grids.spec.DataSpec;

/** The rows of a data set that the owner's splits select. */
public final class SplitRows {
    private SplitRows() {}

    /** Rows in their order. */
    public static int[] of(DataSet data, DataSpec.Split split) {
        IntStream rows = IntStream.range(0, Math.toIntExact(data.size()));
        return switch (split) {
            case TRAIN -> rows.filter(row -> data.split(row).equals("train")).toArray();
            case ALL -> rows.toArray();
        };
    }
}
