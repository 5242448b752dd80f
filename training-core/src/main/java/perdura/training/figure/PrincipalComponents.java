package perdura.training.figure;

import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

/** The first principal components of points, by power iteration on their covariance. */
public final class PrincipalComponents {
    private static final int ITERATIONS = 200;

    private PrincipalComponents() {}

    /**
     * The coordinates along the first two.
     *
     * @param vectors [n][d]; left as they are
     * @return [2][n]; zeros where the points have no second direction
     */
    public static double[][] two(double[][] vectors) {
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
