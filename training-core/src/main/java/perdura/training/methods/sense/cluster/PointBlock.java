package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** Some points with the nearest centroid that is known of each, and the squared distance to it. Filled over and over. */
final class PointBlock {
    private final Workers workers;
    private final CandidateScan scan;
    private final Points points;
    private final int stride;
    private final int[] numbers;
    private final float[] rows;
    private final double[] squares;
    private final float[] limits;
    private final int[] labels;
    private final double[] distances;
    private int size;

    /** @param capacity points at most */
    PointBlock(Workers workers, CandidateScan scan, Points points, int capacity) {
        this.workers = workers;
        this.scan = scan;
        this.points = points;
        this.stride = points.width() + 1;
        this.numbers = new int[capacity];
        this.rows = new float[Math.multiplyExact(capacity, stride)];
        this.squares = new double[capacity];
        this.limits = new float[capacity];
        this.labels = new int[capacity];
        this.distances = new double[capacity];
    }

    int capacity() {
        return numbers.length;
    }

    /** Takes some of the chosen points; nothing is known of them. */
    void fill(int[] chosen, int from, int to) {
        size = to - from;
        workers.forRanges(size, (begin, end) -> {
            for (int i = begin; i < end; i++) {
                numbers[i] = chosen[from + i];
                points.copy(numbers[i], rows, i * stride);
                rows[(i + 1) * stride - 1] = 1;
                squares[i] = square(i * stride);
                labels[i] = Integer.MAX_VALUE;
                distances[i] = Double.POSITIVE_INFINITY;
            }
        });
    }

    private double square(int at) {
        double sum = 0;
        for (int d = at; d < at + points.width(); d++) {
            sum += (double) rows[d] * rows[d];
        }
        return sum;
    }

    /** Knows the distances to centroids, for instance those of the assignment before. */
    void measure(Centroids centroids, int[] nearest) {
        workers.forRanges(size, (begin, end) -> {
            for (int i = begin; i < end; i++) {
                labels[i] = nearest[numbers[i]];
                distances[i] = centroids.distance(labels[i], rows, i * stride);
            }
        });
    }

    /** Knows the distances to the centroids that seem to be the nearest. */
    void guess(StepScope scope, ScoredCentroids side, float[] told, Centroids centroids) {
        LongBuffer best = scan.best(scope, product(scope, side, told), side.rows());
        workers.forRanges(size, (begin, end) -> {
            for (int i = begin; i < end; i++) {
                labels[i] = side.chosen()[(int) best.get(i)];
                distances[i] = centroids.distance(labels[i], rows, i * stride);
            }
        });
    }

    /** Knows nearest centroids and the squared distances to them. */
    void recall(int[] nearest, double[] known) {
        for (int i = 0; i < size; i++) {
            labels[i] = nearest[numbers[i]];
            distances[i] = known[numbers[i]];
        }
    }

    /**
     * Pairs of points and centroids that may be nearer than what is known; where nothing is known, those that may be the nearest.
     *
     * @param told what the centroids' axes tell of all points; null if they have none
     * @return {@code point of the block * k + centroid of the side}, ascending
     */
    LongBuffer candidates(StepScope scope, ScoredCentroids side, float @Nullable [] told) {
        boolean known = size > 0 && distances[0] < Double.POSITIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            double slack = side.slack(squares[i]);
            limits[i] = known
                    ? Math.nextDown((float) ((squares[i] - distances[i]) / 2 - slack))
                    : Math.nextUp((float) (2 * slack));
        }
        FloatBuffer each = FloatBuffer.wrap(limits, 0, size);
        Tensor rowsOfPoints = product(scope, side, told);
        return known
                ? scan.above(scope, rowsOfPoints, side.rows(), each)
                : scan.near(scope, rowsOfPoints, side.rows(), each);
    }

    private Tensor product(StepScope scope, ScoredCentroids side, float @Nullable [] told) {
        if (told == null) {
            return scope.floats(FloatBuffer.wrap(rows, 0, size * stride), size, stride);
        }
        int width = side.width();
        float[] chosen = new float[size * width];
        for (int i = 0; i < size; i++) {
            System.arraycopy(told, numbers[i] * width, chosen, i * width, width);
        }
        return scope.floats(FloatBuffer.wrap(chosen), size, width);
    }

    /** Finds the nearest centroids, those that are known among them. */
    void decide(LongBuffer candidates, ScoredCentroids side, Centroids centroids) {
        int count = side.chosen().length;
        workers.forRanges(size, (begin, end) -> {
            int next = firstOf(candidates, (long) begin * count);
            int last = firstOf(candidates, (long) end * count);
            while (next < last) {
                long pair = candidates.get(next++);
                int i = (int) (pair / count);
                int k = side.chosen()[(int) (pair % count)];
                if (k != labels[i]) {
                    double distance = centroids.distance(k, rows, i * stride);
                    if (distance < distances[i] || (distance == distances[i] && k < labels[i])) {
                        distances[i] = distance;
                        labels[i] = k;
                    }
                }
            }
        });
    }

    /** The index of the first pair that is not below. */
    private static int firstOf(LongBuffer pairs, long bound) {
        int low = 0;
        int high = pairs.limit();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pairs.get(middle) < bound) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    void put(int[] nearest, double[] known) {
        for (int i = 0; i < size; i++) {
            nearest[numbers[i]] = labels[i];
            known[numbers[i]] = distances[i];
        }
    }
}
