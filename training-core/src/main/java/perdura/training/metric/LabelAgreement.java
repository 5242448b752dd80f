package perdura.training.metric;

import java.util.Arrays;

/** How far two ways to divide the same items into groups agree. The numbers of the groups don't matter. */
public final class LabelAgreement {
    private LabelAgreement() {}

    /**
     * Normalised mutual information: the mutual information over the arithmetic mean of both entropies, in [0, 1]; 1 if both have one group only;
     * {@code sklearn.metrics.normalized_mutual_info_score}.
     *
     * @param one group of each item; at least one item
     * @param other as many
     * @throws IllegalArgumentException if it is not so
     */
    public static double normalizedMutualInformation(int[] one, int[] other) {
        int items = one.length;
        if (items == 0 || items != other.length) {
            throw new IllegalArgumentException(
                    "there must be two groups for each of >= 1 items, were " + items + " and " + other.length);
        }
        long[] both = new long[items];
        for (int i = 0; i < items; i++) {
            both[i] = (long) one[i] << 32 | Integer.toUnsignedLong(other[i]);
        }
        double entropyOfOne = entropy(Arrays.stream(one).asLongStream().toArray());
        double entropyOfOther = entropy(Arrays.stream(other).asLongStream().toArray());
        double mean = (entropyOfOne + entropyOfOther) / 2;
        return mean == 0 ? 1 : Math.max(0, entropyOfOne + entropyOfOther - entropy(both)) / mean;
    }

    /** Of the shares of equal values, in nats. Sorts the values. */
    private static double entropy(long[] values) {
        Arrays.sort(values);
        double sum = 0;
        int from = 0;
        while (from < values.length) {
            int until = from;
            while (until < values.length && values[until] == values[from]) {
                until++;
            }
            double share = (double) (until - from) / values.length;
            sum -= share * StrictMath.log(share);
            from = until;
        }
        return sum;
    }
}
