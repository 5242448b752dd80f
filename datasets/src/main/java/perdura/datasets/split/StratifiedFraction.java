package perdura.datasets.split;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.seeds.Seeds;

/**
 * PRIOR's label fractions (prior.md 4, "Shared"): nested, stratified by label, with at least one sample of each class.
 *
 * <p>All fractions of a seed are beginnings of one order of the training rows. Rows with the same labels are a stratum, and the j-th
 * of its n rows has the place (j + 1/2) / n: every beginning then has each stratum's share by Webster's method. Rows are taken
 * within a stratum, and at equal places, as {@code Stream(hash64(seed, "split-fraction")).permutation} of the ascending ids has
 * them. The first row of each class that would come too late is moved to the front; a class is a label with its value 1 or 0.
 */
public final class StratifiedFraction {
    private StratifiedFraction() {}

    /**
     * The rows that keep their labels: floor(f n + 0.5), or as many as one of each class needs.
     *
     * @param train the training part of a split, in any order
     * @param labels by row of {@code samples}
     * @param fraction in (0, 1]
     */
    public static RowList of(Samples samples, RowList train, BinaryLabels labels, double fraction, long seed) {
        RowList ascending = samples.ascending(train);
        RowList drawn = ascending.pick(Seeds.stream(seed, "split-fraction").permutation(train.size()));
        RowList byPlace = byPlace(drawn, labels);
        BitSet front = front(byPlace, labels);
        IntStream inFront = IntStream.range(0, byPlace.size()).filter(front::get);
        IntStream behind = IntStream.range(0, byPlace.size()).filter(i -> !front.get(i));
        return byPlace.pick(IntStream.concat(inFront, behind)
                .limit(LabelFraction.size(train.size(), fraction, front.cardinality()))
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
        Integer[] order = IntStream.range(0, places.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> places[i])); // stable
        return drawn.pick(Arrays.stream(order).mapToInt(Integer::intValue).toArray());
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
}
