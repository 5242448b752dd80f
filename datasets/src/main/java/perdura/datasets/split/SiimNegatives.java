package perdura.datasets.split;

import perdura.datasets.seeds.Seeds;

/**
 * The images without pneumothorax that SENSE's segmentation trains on (sense.md 4.4): as many as there are positives, the first of
 * {@code Stream(hash64(seed, "siim-negatives")).permutation} over the negative ids in ascending order.
 */
public final class SiimNegatives {
    private SiimNegatives() {}

    /**
     * The chosen rows, in the order in which they are drawn; all, if there are fewer negatives than positives.
     *
     * @param negatives rows without pneumothorax, in any order
     * @param positives how many rows have one, at least 0
     */
    public static RowList choose(Samples samples, RowList negatives, int positives, long seed) {
        RowList ascending = samples.ascending(negatives);
        int[] order = Seeds.stream(seed, "siim-negatives").permutation(ascending.size());
        return ascending.pick(order).first(Math.min(positives, order.length));
    }
}
