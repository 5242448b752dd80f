package perdura.datasets.image;

import java.util.Arrays;

/**
 * Pillow's triangle filter from a side to another, in fixed point: for each new place the first old one, and the weights from
 * there on. No weight is negative; those of a place sum up to about one.
 */
final class TriangleWeights {
    static final int PRECISION_BITS = 22;
    static final int HALF = 1 << (PRECISION_BITS - 1);

    private final int[] first;
    /** Where the weights of a place begin in {@code weights}, and at the end their count. */
    private final int[] begin;

    private final int[] weights;

    TriangleWeights(int oldSide, int newSide) {
        first = new int[newSide];
        begin = new int[newSide + 1];
        double scale = (double) oldSide / newSide;
        double support = Math.max(scale, 1.0);
        int[] fixed = new int[newSide * ((int) Math.ceil(support) * 2 + 1)];
        for (int i = 0; i < newSide; i++) {
            double centre = (i + 0.5) * scale;
            first[i] = Math.max(0, (int) (centre - support + 0.5));
            int end = Math.min(oldSide, (int) (centre + support + 0.5));
            begin[i + 1] = begin[i] + end - first[i];
            fill(fixed, begin[i], first[i], end, centre, support);
        }
        weights = Arrays.copyOf(fixed, begin[newSide]);
    }

    private static void fill(int[] fixed, int at, int first, int end, double centre, double support) {
        double[] exact = new double[end - first];
        double sum = 0;
        double shrink = 1.0 / support;
        for (int k = 0; k < exact.length; k++) {
            exact[k] = Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * shrink));
            sum += exact[k];
        }
        for (int k = 0; k < exact.length; k++) {
            fixed[at + k] = (int) (0.5 + exact[k] / sum * (1 << PRECISION_BITS));
        }
    }

    int places() {
        return first.length;
    }

    int first(int place) {
        return first[place];
    }

    /** The old place behind the last one that has a weight. */
    int end(int place) {
        return first[place] + begin[place + 1] - begin[place];
    }

    /** The most weights that a place has. */
    int most() {
        int most = 0;
        for (int place = 0; place < first.length; place++) {
            most = Math.max(most, end(place) - first[place]);
        }
        return most;
    }

    /** @param oldPlace from {@code first} on and before {@code end} */
    int weight(int place, int oldPlace) {
        return weights[begin[place] + oldPlace - first[place]];
    }

    /** A sum that began with {@link #HALF}, as 8 bits. */
    static byte clip(int sum) {
        return (byte) Math.min(255, sum >> PRECISION_BITS);
    }
}
