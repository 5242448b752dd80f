package perdura.datasets.split;

import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.seeds.Seeds;

/** The rows of a training part that keep their labels. Fractions of one seed are nested. */
public final class LabelFraction {
    private LabelFraction() {}

    /**
     * SENSE's fractions (sense.md 4.2): the first max(1, floor(f n + 0.5)) of
     * {@code Stream(hash64(seed, "fraction")).permutation(n)} over the training rows in the order of their split, in the order in
     * which they are drawn.
     *
     * @param train the training part of a split, not empty
     * @param fraction in (0, 1]
     */
    public static RowList plain(RowList train, double fraction, long seed) {
        int[] order = Seeds.stream(seed, "fraction").permutation(train.size());
        return train.pick(order).first(size(train.size(), fraction, 1));
    }

    /**
     * PRIOR's fractions (prior.md 4, "Shared"): stratified by label, floor(f n + 0.5) rows, or as many as one of each class needs.
     *
     * <p>All fractions of a seed are beginnings of one order of the training rows. Rows with the same labels are a stratum, and the j-th
     * of its n rows has the place (j + 1/2) / n: every beginning then has each stratum's share by Webster's method. Rows are taken
     * within a stratum, and at equal places, as {@code Stream(hash64(seed, "split-fraction")).permutation} of the ascending ids has
     * them. The first row of each class that would come too late is moved to the front; a class is a label with its value 1 or 0.
     *
     * @param train the training part of a split, in any order
     * @param labels by row of {@code samples}
     * @param fraction in (0, 1]
     */
    public static RowList stratified(Samples samples, RowList train, BinaryLabels labels, double fraction, long seed) {
        RowList ascending = samples.ascending(train);
        RowList drawn = ascending.pick(Seeds.stream(seed, "split-fraction").permutation(train.size()));
        RowList byPlace = byPlace(drawn, labels);
        BitSet front = front(byPlace, labels);
        IntStream inFront = IntStream.range(0, byPlace.size()).filter(front::get);
        IntStream behind = IntStream.range(0, byPlace.size()).filter(i -> !front.get(i));
        return byPlace.pick(IntStream.concat(inFront, behind)
                .limit(size(train.size(), fraction, front.cardinality()))
                .toArray());
    }

    private static RowList byPlace(RowList drawn, BinaryLabels labels) {
        Map<Integer, Integer> sizes = new HashMap<>();
        drawn.stream().forEach(row -> sizes.merge(labels.mask(row), 1, Integer::sum));
        Map<Integer, Integer> seen = new HashMap<>();
        double[] places = new double[drawn.size()];
        for (int i = 0; i < places.length; i++) {
            int mask = labels.mask(drawn.at(i));
            int before = seen.merge(mask, 1, Integer::sum) - 1;
            places[i] = (before + 0.5) / sizes.getOrDefault(mask, 1); // exact enough: equal places are equal doubles
        }
        return drawn.pick(RowList.range(places.length)
                .sorted(Comparator.comparingDouble(i -> places[i])) // stable
                .toArray());
    }

    /** Places of the rows that together have every class there is: the first of each class that none before it has. */
    private static BitSet front(RowList byPlace, BinaryLabels labels) {
        BitSet front = new BitSet();
        for (int label = 0; label < labels.names().size(); label++) {
            for (int value = 1; value >= 0; value--) {
                int bit = label;
                int wanted = value;
                if (front.stream().noneMatch(i -> labels.value(byPlace.at(i), bit) == wanted)) {
                    IntStream.range(0, byPlace.size())
                            .filter(i -> labels.value(byPlace.at(i), bit) == wanted)
                            .findFirst()
                            .ifPresent(front::set);
                }
            }
        }
        return front;
    }

    private static int size(int rows, double fraction, int atLeast) {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction must be in (0, 1], was " + fraction);
        }
        return Math.min(rows, Math.max(atLeast, (int) Math.floor(fraction * rows + 0.5)));
    }
}
