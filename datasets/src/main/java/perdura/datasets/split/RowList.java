package perdura.datasets.split;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Row numbers of a table in a meaningful order. Immutable; four bytes a row. */
public final class RowList {
    private final int[] rows;

    private RowList(int[] rows) {
        this.rows = rows;
    }

    /** A copy of {@code rows}. */
    public static RowList of(int... rows) {
        return new RowList(rows.clone());
    }

    /** The rows 0 to {@code size - 1}. */
    public static RowList range(int size) {
        return new RowList(IntStream.range(0, size).toArray());
    }

    public int size() {
        return rows.length;
    }

    /** @param index in [0, size) */
    public int at(int index) {
        return rows[index];
    }

    /** The first {@code size} rows. */
    public RowList first(int size) {
        return between(0, size);
    }

    /** The rows at the places {@code from} to {@code to - 1}. */
    public RowList between(int from, int to) {
        if (from < 0 || from > to || to > rows.length) {
            throw new IllegalArgumentException(
                    "places must be within 0 to " + rows.length + ", were " + from + " to " + to);
        }
        return new RowList(Arrays.copyOfRange(rows, from, to));
    }

    /** The rows at the given places, in that order. */
    public RowList pick(int[] places) {
        int[] picked = new int[places.length];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = rows[places[i]];
        }
        return new RowList(picked);
    }

    /** Those rows that fit, in their order. */
    public RowList filter(IntPredicate fits) {
        return new RowList(Arrays.stream(rows).filter(fits).toArray());
    }

    /** The same rows in another order. */
    public RowList sorted(Comparator<Integer> order) {
        return new RowList(Arrays.stream(rows)
                .boxed()
                .sorted(order)
                .mapToInt(Integer::intValue)
                .toArray());
    }

    public IntStream stream() {
        return Arrays.stream(rows);
    }

    /** A copy. */
    public int[] toArray() {
        return rows.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowList list && Arrays.equals(rows, list.rows);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(rows);
    }

    @Override
    public String toString() {
        return "RowList[" + rows.length + " rows]";
    }
}
