package perdura.training.tasks.detect;

import java.util.Arrays;
import java.util.stream.IntStream;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.RowList;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** The boxes of a data set, in pixels of its images. All of them are one class: a finding. */
final class BoxTruths {
    private static final int FINDING = 1;

    private final DataSet data;
    private final NpyFile boxes;
    private final NpyFile offsets;

    private BoxTruths(DataSet data) {
        this.data = data;
        this.boxes = data.array("boxes");
        this.offsets = data.array("box_offsets");
    }

    /** @throws PerduraException INVALID_SPEC if the set has none */
    static BoxTruths of(DataSet data) {
        if (!data.hasArray("boxes")) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "dataset: data set " + data.header().digest() + " ("
                            + data.header().set().word() + ") has no boxes to be found; take one of rsna");
        }
        return new BoxTruths(data);
    }

    /** The rows with at least one box, in their order. */
    RowList positives() {
        return RowList.of(IntStream.range(0, Math.toIntExact(data.size()))
                .filter(row -> count(row) > 0)
                .toArray());
    }

    private int count(int row) {
        return Math.toIntExact(offsets.longAt(row + 1L) - offsets.longAt(row));
    }

    /**
     * The truth of a row.
     *
     * @throws PerduraException INVALID_DATA if a box has no area or isn't inside of the image
     */
    Truth of(int row) {
        double[] corners = new double[4 * count(row)];
        int side = data.header().imageSize();
        for (int i = 0; i < corners.length; i++) {
            corners[i] = boxes.floatAt(offsets.longAt(row) + i / 4, i % 4);
        }
        for (int box = 0; box < Boxes.count(corners); box++) {
            int at = 4 * box;
            boolean isInside = IntStream.range(at, at + 4).allMatch(i -> corners[i] >= 0 && corners[i] <= side);
            if (!isInside || !(corners[at] < corners[at + 2]) || !(corners[at + 1] < corners[at + 3])) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        "data set " + data.header().digest() + ", sample '" + data.sampleId(row) + "': box " + box
                                + " has the corners " + Arrays.toString(Arrays.copyOfRange(corners, at, at + 4))
                                + "; x0 < x1 and y0 < y1 must lie in 0 to " + side
                                + ", mend the table of boxes and ingest the set again");
            }
        }
        int[] classes = new int[Boxes.count(corners)];
        Arrays.fill(classes, FINDING);
        return new Truth(corners, classes);
    }
}
