package perdura.datasets.split;

/**
 * One part of a split.
 *
 * @param rows rows of the data set's table, in the order of the split; not empty
 * @param digest {@link Samples#digest} of the rows
 */
public record SplitPart(RowList rows, String digest) {}
