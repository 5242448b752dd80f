package perdura.datasets.split;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gives whole groups to parts, in a given order, so that each part's size is as near as possible to what is asked. Among up to
 * {@value #WINDOW} groups the nearest sum is found; of two equally near sums the smaller one, but rather something than nothing.
 * Of more groups most are taken as they come, and the last ones, from two of the largest size before the end, are
 * chosen like that among the next {@value #WINDOW}.
 */
final class PartFiller {
    static final int WINDOW = 1024;

    private final SampleGroups groups;
    private int[] left;

    /** @param order all groups, in the order in which they are given away */
    PartFiller(SampleGroups groups, int[] order) {
        this.groups = groups;
        this.left = order.clone();
    }

    /** Takes groups of about {@code size} rows away. */
    RowList take(int size) {
        int largest = groups.largest();
        int[] taken = new int[left.length];
        int[] kept = new int[left.length];
        int takenCount = 0;
        int keptCount = 0;
        int at = 0;
        int room = size;
        while (left.length - at > WINDOW && room - groups.size(left[at]) >= 2 * largest) {
            room -= groups.size(left[at]);
            taken[takenCount++] = left[at++];
        }
        BigInteger[] sums = sumsOfRest(at, room + largest);
        int wanted = nearest(sums[0], room);
        for (int i = 0; at < left.length; i++, at++) {
            int own = groups.size(left[at]);
            if (i < sums.length - 1 && own <= wanted && sums[i + 1].testBit(wanted - own)) {
                wanted -= own;
                taken[takenCount++] = left[at];
            } else {
                kept[keptCount++] = left[at];
            }
        }
        left = IntStream.of(kept).limit(keptCount).toArray();
        return groups.rows(IntStream.of(taken).limit(takenCount).toArray());
    }

    /** Takes all that is left. */
    RowList rest() {
        int[] rest = left;
        left = new int[0];
        return groups.rows(rest);
    }

    /** Bit s of entry i says that some of the window's groups from its i-th on have s rows in all, s at most {@code most}. */
    private BigInteger[] sumsOfRest(int from, int most) {
        int window = Math.min(WINDOW, left.length - from);
        BigInteger mask = BigInteger.ONE.shiftLeft(most + 1).subtract(BigInteger.ONE);
        BigInteger[] sums = new BigInteger[window + 1];
        sums[window] = BigInteger.ONE;
        for (int i = window - 1; i >= 0; i--) {
            int own = groups.size(left[from + i]);
            sums[i] = sums[i + 1].or(sums[i + 1].shiftLeft(own)).and(mask);
        }
        return sums;
    }

    private static int nearest(BigInteger sums, int wanted) {
        for (int distance = 0; distance < wanted; distance++) {
            if (sums.testBit(wanted - distance)) {
                return wanted - distance;
            }
            if (sums.testBit(wanted + distance)) {
                return wanted + distance;
            }
        }
        return sums.testBit(2 * wanted) ? 2 * wanted : 0;
    }

    /** Rows in groups that stay together: by ascending patient, or one for each row by ascending id. */
    static final class SampleGroups {
        private final RowList rows;
        /** Where each group begins in {@link #rows}, and the end. */
        private final int[] starts;

        private SampleGroups(RowList rows, int[] starts) {
            this.rows = rows;
            this.starts = starts;
        }

        static SampleGroups of(Samples samples, RowList rows, Split.Unit unit) {
            if (unit == Split.Unit.SAMPLE) {
                return new SampleGroups(
                        samples.ascending(rows),
                        IntStream.rangeClosed(0, rows.size()).toArray());
            }
            List<String> patients = samples.patients();
            RowList sorted = samples.ascending(rows).sorted(Comparator.comparing(patients::get));
            IntStream firsts = IntStream.range(0, sorted.size())
                    .filter(i -> i == 0 || !patients.get(sorted.at(i)).equals(patients.get(sorted.at(i - 1))));
            return new SampleGroups(
                    sorted,
                    IntStream.concat(firsts, IntStream.of(sorted.size())).toArray());
        }

        int count() {
            return starts.length - 1;
        }

        int size(int group) {
            return starts[group + 1] - starts[group];
        }

        int largest() {
            return IntStream.range(0, count()).map(this::size).max().orElse(0);
        }

        /** The rows of the given groups, one group after the other. */
        RowList rows(int[] groups) {
            return RowList.of(Arrays.stream(groups)
                    .flatMap(group ->
                            IntStream.range(starts[group], starts[group + 1]).map(rows::at))
                    .toArray());
        }
    }
}
