package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Centroids [K, D] float32 while they move. */
final class Centroids {
    /** What a split scales the coordinates by, away from one. */
    private static final double EPSILON = 1.0 / 1024;

    private final Points points;
    private final int width;
    private final int count;
    private final float[] values;
    private final float[] before;

    /** Clusters whose centroid is not the mean of the points that they had at the last assignment. */
    private final boolean[] split;

    private final boolean[] moved;

    /** @param values taken over */
    Centroids(Points points, float[] values) {
        this.points = points;
        this.width = points.width();
        this.count = values.length / width;
        this.values = values;
        this.before = values.clone();
        this.split = new boolean[count];
        this.moved = new boolean[count];
        Arrays.fill(split, true); // those that it begins with are no means
        Arrays.fill(moved, true);
    }

    int count() {
        return count;
    }

    /** [K, D], its own. */
    float[] values() {
        return values;
    }

    /** Copies of some. */
    Points choose(int[] chosen) {
        return new Points(FloatBuffer.wrap(values), width).choose(chosen);
    }

    /** Squared distance to a vector, in double, coordinates ascending. */
    double distance(int k, float[] vector, int at) {
        int own = k * width;
        double sum = 0;
        for (int d = 0; d < width; d++) {
            double difference = (double) vector[at + d] - values[own + d];
            sum += difference * difference;
        }
        return sum;
    }

    /** Whether the last update has changed a centroid. */
    boolean hasMoved(int k) {
        return moved[k];
    }

    /**
     * Moves each centroid into the mean of its points; that of an empty cluster stays.
     *
     * @param old labels of the assignment before, null if unknown
     * @return points of each cluster
     */
    int[] moveToMeans(Workers workers, int @Nullable [] old, int[] labels) {
        boolean[] changed = changed(old, labels);
        System.arraycopy(values, 0, before, 0, values.length);
        int[] begins = new int[count + 1];
        for (int label : labels) {
            begins[label + 1]++;
        }
        int[] sizes = Arrays.copyOfRange(begins, 1, count + 1);
        for (int k = 0; k < count; k++) {
            begins[k + 1] += begins[k];
        }
        int[] members = new int[labels.length]; // of each cluster, ascending
        int[] next = begins.clone();
        for (int i = 0; i < labels.length; i++) {
            members[next[labels[i]]++] = i;
        }
        workers.forRanges(count, (from, to) -> {
            double[] sum = new double[width];
            float[] row = new float[width];
            for (int k = from; k < to; k++) {
                if (changed[k] && sizes[k] > 0) {
                    moveToMean(k, members, begins[k], sizes[k], sum, row);
                }
            }
        });
        Arrays.fill(split, false);
        for (int k = 0; k < count; k++) {
            noteMove(k);
        }
        return sizes;
    }

    private boolean[] changed(int @Nullable [] old, int[] labels) {
        boolean[] changed = split.clone();
        if (old == null) {
            Arrays.fill(changed, true);
            return changed;
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != old[i]) {
                changed[labels[i]] = true;
                changed[old[i]] = true;
            }
        }
        return changed;
    }

    private void moveToMean(int k, int[] members, int begin, int size, double[] sum, float[] row) {
        Arrays.fill(sum, 0);
        for (int i = begin; i < begin + size; i++) {
            points.copy(members[i], row, 0);
            for (int d = 0; d < width; d++) {
                sum[d] += row[d];
            }
        }
        for (int d = 0; d < width; d++) {
            values[k * width + d] = (float) (sum[d] / size);
        }
    }

    /** Gives an empty cluster its donor's centroid, and moves both apart. */
    void split(int empty, int donor) {
        for (int d = 0; d < width; d++) {
            double value = values[donor * width + d];
            double up = d % 2 == 0 ? 1 + EPSILON : 1 - EPSILON;
            values[empty * width + d] = (float) (value * up);
            values[donor * width + d] = (float) (value * (2 - up));
        }
        split[empty] = true;
        split[donor] = true;
        noteMove(empty);
        noteMove(donor);
    }

    private void noteMove(int k) {
        moved[k] = !Arrays.equals(values, k * width, (k + 1) * width, before, k * width, (k + 1) * width);
    }
}
