package perdura.datasets.split;

import java.util.List;

/** Up to 31 labels of 0 or 1 for each row of a table, four bytes a row. Immutable. */
public final class BinaryLabels {
    private final List<String> names;
    private final int[] masks;

    /**
     * Labels by row.
     *
     * @param names of the labels
     * @param masks one for each row; bit i is label i
     */
    public BinaryLabels(List<String> names, int[] masks) {
        if (names.isEmpty() || names.size() > 31) {
            throw new IllegalArgumentException("there must be 1 to 31 labels, were " + names.size());
        }
        this.names = List.copyOf(names);
        this.masks = masks.clone();
        for (int row = 0; row < masks.length; row++) {
            if (masks[row] >>> names.size() != 0) {
                throw new IllegalArgumentException("row " + row + ": mask " + Integer.toHexString(masks[row])
                        + " has bits beyond its " + names.size() + " labels");
            }
        }
    }

    public List<String> names() {
        return names;
    }

    /** Rows of the table. */
    public int size() {
        return masks.length;
    }

    /** All labels of a row as bits. */
    public int mask(int row) {
        return masks[row];
    }

    /** 0 or 1. */
    public int value(int row, int label) {
        return (masks[row] >>> label) & 1;
    }
}
