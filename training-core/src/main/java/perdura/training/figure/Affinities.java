package perdura.training.figure;

/**
 * How near points are to each other for t-SNE: p_ij of each pair, half of the sum over both directions, divided by the number of points. Agrees with
 * scikit-learn's {@code _joint_probabilities}.
 */
record Affinities(double perplexity) {
    private static final int STEPS = 100;
    private static final double TOLERANCE = 1e-5;
    private static final double LEAST = 1e-12;

    /**
     * The affinity of each pair i < j, row by row: n (n - 1) / 2 of them. Over both directions they sum up to 1.
     *
     * @param vectors [n][d]
     */
    double[] of(double[][] vectors) {
        int points = vectors.length;
        double[][] near = new double[points][points];
        for (int i = 0; i < points; i++) {
            for (int j = i + 1; j < points; j++) {
                double distance = squaredDistance(vectors[i], vectors[j]);
                near[i][j] = distance;
                near[j][i] = distance;
            }
        }
        for (int i = 0; i < points; i++) {
            toProbabilities(near[i], i);
        }
        double[] joint = new double[points * (points - 1) / 2];
        int pair = 0;
        for (int i = 0; i < points; i++) {
            for (int j = i + 1; j < points; j++) {
                joint[pair++] = Math.max((near[i][j] + near[j][i]) / (2.0 * points), LEAST);
            }
        }
        return joint;
    }

    private static double squaredDistance(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            double difference = a[k] - b[k];
            sum += difference * difference;
        }
        return sum;
    }

    /** Squared distances from a point to its conditional probabilities, by the width that gives the perplexity. */
    private void toProbabilities(double[] row, int self) {
        double[] distances = row.clone();
        double wanted = StrictMath.log(perplexity);
        double precision = 1;
        double least = Double.NEGATIVE_INFINITY;
        double most = Double.POSITIVE_INFINITY;
        double nearest = nearest(distances, self);
        for (int step = 0; step < STEPS; step++) {
            double excess = entropy(distances, self, nearest, precision, row) - wanted;
            if (Math.abs(excess) <= TOLERANCE) {
                return;
            }
            if (excess > 0) {
                least = precision;
                precision = most == Double.POSITIVE_INFINITY ? 2 * precision : (precision + most) / 2;
            } else {
                most = precision;
                precision = least == Double.NEGATIVE_INFINITY ? precision / 2 : (precision + least) / 2;
            }
        }
    }

    private static double nearest(double[] distances, int self) {
        double nearest = Double.POSITIVE_INFINITY;
        for (int j = 0; j < distances.length; j++) {
            if (j != self) {
                nearest = Math.min(nearest, distances[j]);
            }
        }
        return nearest;
    }

    /** Fills in the probabilities and returns their entropy, in nats. Distances count from the nearest: far points don't vanish all. */
    private static double entropy(double[] distances, int self, double nearest, double precision, double[] into) {
        double sum = 0;
        double weighted = 0;
        for (int j = 0; j < distances.length; j++) {
            double away = distances[j] - nearest;
            double weight = j == self ? 0 : StrictMath.exp(-away * precision);
            into[j] = weight;
            sum += weight;
            weighted += away * weight;
        }
        for (int j = 0; j < into.length; j++) {
            into[j] /= sum;
        }
        return StrictMath.log(sum) + precision * weighted / sum;
    }
}
