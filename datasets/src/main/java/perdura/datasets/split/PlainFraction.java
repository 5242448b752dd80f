package perdura.datasets.split;

import perdura.datasets.seeds.Seeds;

/**
 * SENSE's label fractions (sense.md 4.2): the first max(1, floor(f n + 0.5)) of
 * {@code Stream(hash64(seed, "fraction")).permutation(n)} over the training rows in the order of their split. Fractions of one seed
 * are nested.
 */
public final class PlainFraction {
    private PlainFraction() {}

    /**
     * The rows that keep their labels, in the order in which they are drawn.
     *
     * @param train the training part of a split, not empty
     * @param fraction in (0, 1]
     */
    public static RowList of(RowList train, double fraction, long seed) {
        int[] order = Seeds.stream(seed, "fraction").permutation(train.size());
        return train.pick(order).first(LabelFraction.size(train.size(), fraction, 1));
    }
}
