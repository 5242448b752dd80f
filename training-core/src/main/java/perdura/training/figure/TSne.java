package perdura.training.figure;

import java.util.Arrays;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

/**
 * t-SNE to two dimensions, exact, O(n^2) per iteration; agrees with {@code sklearn.manifold.TSNE(method="exact")} and its
 * defaults: start by principal components, early exaggeration 12 for the first 250 of 1,000 iterations, learning rate
 * max(n / 48, 50); it never stops early. A function of the points alone.
 */
public final class TSne {
    private static final int ITERATIONS = 1000;
    private static final int EXAGGERATED = 250;
    private static final double EXAGGERATION = 12;
    private static final double LEAST_LEARNING_RATE = 50;
    private static final double LEAST_GAIN = 0.01;
    /** Spread of the start along its first axis. */
    private static final double START = 1e-4;

    private final int points;
    private final double[] affinities;
    private final double[] place; // [n, 2]
    private final double[] gradient;
    private final double[] update;
    private final double[] gains;
    private final double[] closeness; // 1 / (1 + distance^2), of each pair once

    private TSne(double[][] vectors, double perplexity) {
        this.points = vectors.length;
        this.affinities = new Affinities(perplexity).of(vectors);
        this.place = start(vectors);
        this.gradient = new double[2 * points];
        this.update = new double[2 * points];
        this.gains = new double[2 * points];
        this.closeness = new double[affinities.length];
        Arrays.fill(gains, 1);
    }

    /**
     * Places on a plane.
     *
     * @param vectors [n][d], at least 2
     * @param perplexity effective neighbours of a point, at least 1 and below n
     * @return [n][2]
     */
    public static double[][] map(double[][] vectors, double perplexity) {
        if (vectors.length < 2 || perplexity < 1 || perplexity >= vectors.length) {
            throw new IllegalArgumentException("t-SNE wants at least 2 points and 1 <= perplexity < points, was "
                    + vectors.length + " and " + perplexity);
        }
        return new TSne(vectors, perplexity).run();
    }

    private double[][] run() {
        double rate = Math.max(points / EXAGGERATION / 4, LEAST_LEARNING_RATE);
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            boolean early = iteration < EXAGGERATED;
            if (iteration == EXAGGERATED) {
                Arrays.fill(update, 0);
                Arrays.fill(gains, 1);
            }
            computeGradient(early ? EXAGGERATION : 1);
            step(rate, early ? 0.5 : 0.8);
        }
        double[][] places = new double[points][2];
        for (int i = 0; i < points; i++) {
            places[i][0] = place[2 * i];
            places[i][1] = place[2 * i + 1];
        }
        return places;
    }

    private void computeGradient(double exaggeration) {
        double sum = 0;
        int pair = 0;
        for (int i = 0; i < points; i++) {
            double x = place[2 * i];
            double y = place[2 * i + 1];
            for (int j = i + 1; j < points; j++) {
                double dx = x - place[2 * j];
                double dy = y - place[2 * j + 1];
                double close = 1 / (1 + dx * dx + dy * dy);
                closeness[pair++] = close;
                sum += close;
            }
        }
        double scale = 1 / (2 * sum);
        Arrays.fill(gradient, 0);
        pair = 0;
        for (int i = 0; i < points; i++) {
            double x = place[2 * i];
            double y = place[2 * i + 1];
            double gx = 0;
            double gy = 0;
            for (int j = i + 1; j < points; j++) {
                double close = closeness[pair];
                double pull = 4 * (exaggeration * affinities[pair] - close * scale) * close;
                pair++;
                double fx = pull * (x - place[2 * j]);
                double fy = pull * (y - place[2 * j + 1]);
                gx += fx;
                gy += fy;
                gradient[2 * j] -= fx;
                gradient[2 * j + 1] -= fy;
            }
            gradient[2 * i] += gx;
            gradient[2 * i + 1] += gy;
        }
    }

    private void step(double rate, double momentum) {
        for (int k = 0; k < place.length; k++) {
            gains[k] = update[k] * gradient[k] < 0 ? gains[k] + 0.2 : Math.max(0.8 * gains[k], LEAST_GAIN);
            update[k] = momentum * update[k] - rate * gains[k] * gradient[k];
            place[k] += update[k];
        }
    }

    /** The two principal components, the first one with a standard deviation of {@value #START}. */
    private double[] start(double[][] vectors) {
        double[][] components = PrincipalComponents.two(vectors);
        double spread = 0;
        for (double value : components[0]) {
            spread += value * value;
        }
        double scale = START / Math.sqrt(spread / points);
        RandomStream random = Seeds.stream("t-sne");
        double[] start = new double[2 * points];
        for (int i = 0; i < points; i++) {
            for (int axis = 0; axis < 2; axis++) {
                start[2 * i + axis] =
                        spread > 0 ? components[axis][i] * scale : START * random.nextGaussian(); // all points are one
            }
        }
        return start;
    }

    /** The first principal components of points, by power iteration on their covariance. */
    private static final class PrincipalComponents {
        private static final int ITERATIONS = 200;

        private PrincipalComponents() {}

        /**
         * The coordinates along the first two.
         *
         * @param vectors [n][d]; left as they are
         * @return [2][n]; zeros where the points have no second direction
         */
        static double[][] two(double[][] vectors) {
            double[][] centred = centred(vectors);
            int width = centred[0].length;
            double[] first = direction(centred, new double[width], "first");
            double[] second = direction(centred, first, "second");
            return new double[][] {along(centred, first), along(centred, second)};
        }

        private static double[][] centred(double[][] vectors) {
            double[] mean = new double[vectors[0].length];
            for (double[] vector : vectors) {
                for (int k = 0; k < mean.length; k++) {
                    mean[k] += vector[k] / vectors.length;
                }
            }
            double[][] centred = new double[vectors.length][mean.length];
            for (int i = 0; i < vectors.length; i++) {
                for (int k = 0; k < mean.length; k++) {
                    centred[i][k] = vectors[i][k] - mean[k];
                }
            }
            return centred;
        }

        /** The direction of the greatest variance, of length 1, at a right angle to another one. */
        private static double[] direction(double[][] centred, double[] other, String name) {
            RandomStream random = Seeds.stream("principal-components", name);
            double[] direction = new double[other.length];
            for (int k = 0; k < direction.length; k++) {
                direction[k] = random.nextGaussian();
            }
            normalise(direction, other);
            for (int iteration = 0; iteration < ITERATIONS; iteration++) {
                double[] next = new double[direction.length];
                for (double[] point : centred) {
                    double share = dot(point, direction);
                    for (int k = 0; k < next.length; k++) {
                        next[k] += share * point[k];
                    }
                }
                normalise(next, other);
                direction = next;
            }
            return direction;
        }

        private static void normalise(double[] direction, double[] other) {
            double share = dot(direction, other);
            for (int k = 0; k < direction.length; k++) {
                direction[k] -= share * other[k];
            }
            double length = Math.sqrt(dot(direction, direction));
            for (int k = 0; k < direction.length; k++) {
                direction[k] = length > 0 ? direction[k] / length : 0;
            }
        }

        private static double[] along(double[][] centred, double[] direction) {
            double[] along = new double[centred.length];
            for (int i = 0; i < along.length; i++) {
                along[i] = dot(centred[i], direction);
            }
            return along;
        }

        private static double dot(double[] a, double[] b) {
            double sum = 0;
            for (int k = 0; k < a.length; k++) {
                sum += a[k] * b[k];
            }
            return sum;
        }
    }

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
}
