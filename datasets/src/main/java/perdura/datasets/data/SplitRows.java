package perdura.datasets.data;

import java.util.stream.IntStream;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

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

    /** @throws PerduraException INVALID_DATA if there are fewer studies than a batch needs */
    public static void requireBatch(long studies, int batchSize) {
        if (studies < batchSize) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "the data set has " + studies + " studies for a batchSize of " + batchSize
                            + "; batchSize must be at most the number of studies");
        }
    }

    /** The rows of the owner's validation and test parts. */
    public static int[] heldOut(DataSet data) {
        return rows(data).filter(row -> !isTrained(data, row)).toArray();
    }

    /** The rows of the owner's validation part. */
    public static int[] validate(DataSet data) {
        return rows(data).filter(row -> data.split(row).equals("validate")).toArray();
    }

    private static IntStream rows(DataSet data) {
        return IntStream.range(0, Math.toIntExact(data.size()));
    }

    private static boolean isTrained(DataSet data, int row) {
        return data.split(row).equals("train");
    }
}
