package perdura.training.metric;

import java.util.Arrays;

/**
 * Retrieval by label: the share of the K best candidates that have the query's label, averaged over queries (prior.md 4.3).
 * Among equal scores the candidate with the lower index comes first.
 */
public final class PrecisionAtK {
    private PrecisionAtK() {}

    /**
     * One value for each K.
     *
     * @param scores [queries, candidates], the higher the better, not NaN
     * @param queryLabels [queries]
     * @param candidateLabels [candidates]
     * @param ks each in [1, candidates]
     * @throws IllegalArgumentException if a size or a K is another, or a score is NaN
     */
    public static double[] of(double[][] scores, int[] queryLabels, int[] candidateLabels, int... ks) {
        if (scores.length == 0 || scores.length != queryLabels.length) {
            throw new IllegalArgumentException("there must be a label for each of >= 1 queries, were "
                    + queryLabels.length + " for " + scores.length);
        }
        checkKs(candidateLabels, ks);
        long[] hits = new long[ks.length];
        double[] sorted = new double[candidateLabels.length];
        for (int query = 0; query < scores.length; query++) {
            sort(scores[query], query, sorted);
            for (int i = 0; i < ks.length; i++) {
                hits[i] += hits(scores[query], sorted, ks[i], queryLabels[query], candidateLabels);
            }
        }
        double[] means = new double[ks.length];
        for (int i = 0; i < ks.length; i++) {
            means[i] = (double) hits[i] / ((long) ks[i] * scores.length);
        }
        return means;
    }

    /**
     * How many of a query's K best candidates have its label, one number for each K.
     *
     * @param scores [candidates], the higher the better, not NaN
     * @param candidateLabels [candidates]
     * @param ks each in [1, candidates]
     * @throws IllegalArgumentException as {@link #of}
     */
    public static long[] hits(double[] scores, int label, int[] candidateLabels, int... ks) {
        checkKs(candidateLabels, ks);
        double[] sorted = new double[candidateLabels.length];
        sort(scores, 0, sorted);
        long[] hits = new long[ks.length];
        for (int i = 0; i < ks.length; i++) {
            hits[i] = hits(scores, sorted, ks[i], label, candidateLabels);
        }
        return hits;
    }

    private static void checkKs(int[] candidateLabels, int... ks) {
        for (int k : ks) {
            if (k < 1 || k > candidateLabels.length) {
                throw new IllegalArgumentException("K must be in [1, " + candidateLabels.length + "], was " + k);
            }
        }
    }

    private static void sort(double[] row, int query, double[] sorted) {
        if (row.length != sorted.length) {
            throw new IllegalArgumentException(
                    "query " + query + " must have " + sorted.length + " scores, had " + row.length);
        }
        for (int i = 0; i < row.length; i++) {
            if (Double.isNaN(row[i])) {
                throw new IllegalArgumentException("query " + query + ": score " + i + " is NaN");
            }
            sorted[i] = row[i] + 0.0; // no negative zero: it would sort below its equal
        }
        Arrays.sort(sorted);
    }

    private static long hits(double[] row, double[] sorted, int k, int label, int[] candidateLabels) {
        double last = sorted[sorted.length - k];
        int ties = k; // candidates at the last score that still have room
        for (int i = sorted.length - 1; i >= 0 && sorted[i] > last; i--) {
            ties--;
        }
        long hits = 0;
        for (int i = 0; i < row.length; i++) {
            boolean taken = row[i] > last || (row[i] == last && ties-- > 0);
            hits += taken && candidateLabels[i] == label ? 1 : 0;
        }
        return hits;
    }
}
