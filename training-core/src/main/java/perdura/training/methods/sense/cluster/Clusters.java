package perdura.training.methods.sense.cluster;

import java.util.Arrays;
import java.util.List;

/**
 * What K-means found. The arrays are its own: not to be changed.
 *
 * @param width D
 * @param labels number of each point's nearest centroid [N]
 * @param centroids means of the clusters before the last assignment [K, D]
 * @param distances squared, of each point to its centroid [N]
 * @param objectives sum of the squared distances at each assignment
 * @param splits of all updates
 */
public record Clusters(
        int width,
        int[] labels,
        float[] centroids,
        double[] distances,
        List<Double> objectives,
        List<KMeans.Split> splits) {
    public Clusters {
        objectives = List.copyOf(objectives);
        splits = List.copyOf(splits);
    }

    /** K. */
    public int count() {
        return centroids.length / width;
    }

    /** Points of each cluster [K]. */
    public int[] sizes() {
        int[] sizes = new int[count()];
        for (int label : labels) {
            sizes[label]++;
        }
        return sizes;
    }

    /** The centroids by their norms, or by 1e-12 where that is greater [K, D]. */
    public float[] unitCentroids() {
        float[] unit = new float[centroids.length];
        for (int begin = 0; begin < unit.length; begin += width) {
            double square = 0;
            for (int d = begin; d < begin + width; d++) {
                square += (double) centroids[d] * centroids[d];
            }
            double norm = Math.max(Math.sqrt(square), 1e-12);
            for (int d = begin; d < begin + width; d++) {
                unit[d] = (float) (centroids[d] / norm);
            }
        }
        return unit;
    }

    /**
     * How dense each cluster is: mean distance / ln(size + 10), the greatest of the others for a cluster of at most one point, clipped to
     * the 10th and 90th percentile and scaled (sense.md 3d, {@code concentration}).
     *
     * @param mean of the result, tau_p
     */
    public double[] concentration(double mean) {
        double[] sums = new double[count()];
        for (int i = 0; i < labels.length; i++) {
            sums[labels[i]] += Math.sqrt(distances[i]);
        }
        return concentration(sums, sizes(), mean);
    }

    /** @param sums of the distances of each cluster's points [K] */
    static double[] concentration(double[] sums, int[] sizes, double mean) {
        double[] raw = rawConcentration(sums, sizes);
        if (Arrays.stream(raw).allMatch(Double::isNaN)) {
            Arrays.fill(raw, mean);
            return raw;
        }
        double[] sorted = raw.clone();
        Arrays.sort(sorted);
        double low = percentile(sorted, 0.1);
        double high = percentile(sorted, 0.9);
        double sum = 0;
        for (int k = 0; k < raw.length; k++) {
            raw[k] = Math.max(low, Math.min(high, raw[k]));
            sum += raw[k];
        }
        double scale = mean / (sum / raw.length);
        return Arrays.stream(raw).map(each -> each * scale).toArray();
    }

    /** Before clipping and scaling; all NaN if no cluster has two points. */
    static double[] rawConcentration(double[] sums, int[] sizes) {
        double[] raw = new double[sizes.length];
        double greatest = Double.NaN;
        for (int k = 0; k < raw.length; k++) {
            raw[k] = sizes[k] > 1 ? sums[k] / sizes[k] / Math.log(sizes[k] + 10.0) : Double.NaN;
            if (sizes[k] > 1 && !(greatest >= raw[k])) {
                greatest = raw[k];
            }
        }
        for (int k = 0; k < raw.length; k++) {
            raw[k] = sizes[k] > 1 ? raw[k] : greatest;
        }
        return raw;
    }

    /** Linear between the two nearest, as {@code numpy.percentile}. */
    private static double percentile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
