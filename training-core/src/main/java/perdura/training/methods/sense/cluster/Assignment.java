package perdura.training.methods.sense.cluster;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/**
 * Finds each point's nearest centroid. A float32 matrix product scores all pairs; what its rounding leaves open is decided by distances in
 * double, coordinates ascending. Two shortcuts change no label: scores that are bounded by the first principal axes and the length of the
 * rest, and that a point whose centroid stayed is compared only with those that moved.
 */
final class Assignment implements AutoCloseable {
    /** Points that tell whether a bound pays. */
    private static final int SAMPLE = 512;

    /** It pays while it leaves at most one in so many centroids open: a distance in double costs some ten times one of a matrix product. */
    private static final int PAYS = 32;

    private final Torch torch;
    private final Points points;
    private final Bounding bounding;
    private final Runnable alive;
    private final Workers workers;
    private final CandidateScan scan;
    private final PointBlock block;
    private final double[] distances;
    private final @Nullable PrincipalAxes axes;
    private float @Nullable [] told;

    /** @throws PerduraException INVALID_SPEC if the memory is too little for a block of scores */
    Assignment(Torch torch, KMeans.Settings settings, Points points, Bounding bounding, Runnable alive) {
        Memory memory = Memory.of(settings, points, bounding.axes());
        this.torch = torch;
        this.points = points;
        this.bounding = bounding;
        this.alive = alive;
        this.distances = new double[points.count()];
        this.workers = new Workers(settings.threads());
        this.scan = new CandidateScan(torch, memory.scored());
        this.block = new PointBlock(workers, scan, points, memory.rows());
        boolean bounds = bounding.axes() > 0
                && (bounding.always() || (memory.bounds() && 2 * bounding.axes() <= points.width()));
        this.axes = bounds ? new PrincipalAxes(torch, points, bounding.axes()) : null;
    }

    /**
     * What fits into the memory.
     *
     * @param rows points of a block
     * @param scored points whose scores are in memory at once
     * @param bounds whether what the axes tell of all points fits too
     */
    private record Memory(int rows, int scored, boolean bounds) {
        /**
         * Scores that stay in a processor's cache. In smaller blocks threads sleep more than they work: they meet at the end of each
         * of the engine's operations.
         */
        private static final long CACHED = 16 << 20;

        private static final int MOST_ROWS = 8192;
        private static final int LEAST_ROWS = 64;

        static Memory of(KMeans.Settings settings, Points points, int axes) {
            long row = 8L * (points.width() + axes) + 64; // on both sides of the engine's border
            long score = 5L * settings.clusters(); // a float, and whether it is enough
            long fixed = 28L * settings.clusters() * points.width() + 32L * points.count();
            long least = fixed + LEAST_ROWS * (row + score);
            if (settings.memoryBytes() < least) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        "K-means of " + points.count() + " points of width " + points.width() + " into "
                                + settings.clusters() + " clusters needs at least " + least
                                + " bytes beside the points, may take " + settings.memoryBytes());
            }
            long narrow = 4L * (axes + 2) * points.count();
            boolean bounds = settings.memoryBytes() >= least + narrow;
            long spare = settings.memoryBytes() - fixed - (bounds ? narrow : 0);
            long scored = Math.max(LEAST_ROWS, Math.min(CACHED, spare / 2) / score);
            long rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, (spare - scored * score) / row));
            return new Memory((int) rows, (int) Math.min(scored, rows), bounds);
        }
    }

    Workers workers() {
        return workers;
    }

    /** Squared distances to the own centroid at the last assignment [N], its own. */
    double[] distances() {
        return distances;
    }

    /** Sum of the squared distances, points ascending. */
    double objective() {
        double sum = 0;
        for (double distance : distances) {
            sum += distance;
        }
        return sum;
    }

    /**
     * Assigns all points.
     *
     * @param before the last assignment, by this object unless all centroids count as moved; null if there is none
     * @param labels gets the number of each point's nearest centroid [N]
     */
    void assign(Centroids centroids, int @Nullable [] before, int[] labels) {
        int[] all = IntStream.range(0, centroids.count()).toArray();
        try (StepScope scope = torch.newStep()) {
            ScoredCentroids whole = scored(scope, centroids, all, before);
            if (before == null) {
                search(IntStream.range(0, labels.length).toArray(), whole, centroids, null, labels);
                return;
            }
            search(select(before, centroids, true), whole, centroids, before, labels);
            int[] settled = select(before, centroids, false);
            int[] moved = IntStream.of(all).filter(centroids::hasMoved).toArray();
            if (moved.length == 0) {
                Arrays.stream(settled).forEach(i -> labels[i] = before[i]);
            } else if (settled.length > 0) {
                compare(
                        settled,
                        ScoredCentroids.of(scope, centroids, moved, whole.axes(), alive),
                        centroids,
                        before,
                        labels);
            }
        }
    }

    /** The points whose centroid has moved, or has not. */
    private static int[] select(int[] before, Centroids centroids, boolean moved) {
        return IntStream.range(0, before.length)
                .filter(i -> centroids.hasMoved(before[i]) == moved)
                .toArray();
    }

    /** Finds the nearest of all centroids. */
    private void search(
            int[] chosen, ScoredCentroids whole, Centroids centroids, int @Nullable [] before, int[] labels) {
        float[] known = told(whole);
        for (int from = 0; from < chosen.length; from += block.capacity()) {
            try (StepScope scope = torch.newStep()) {
                block.fill(chosen, from, Math.min(from + block.capacity(), chosen.length));
                if (known != null) {
                    approach(block, scope, whole, known, centroids, before);
                }
                block.decide(block.candidates(scope, whole, known), whole, centroids);
                block.put(labels, distances);
            }
            alive.run();
        }
    }

    /** Has the block know a centroid that is near, so that bounds have something to be compared with. */
    private static void approach(
            PointBlock block,
            StepScope scope,
            ScoredCentroids whole,
            float[] told,
            Centroids centroids,
            int @Nullable [] before) {
        if (before == null) {
            block.guess(scope, whole, told, centroids);
        } else {
            block.measure(centroids, before);
        }
    }

    /** Finds those centroids that are nearer than the point's own, which has not moved. */
    private void compare(int[] chosen, ScoredCentroids moved, Centroids centroids, int[] before, int[] labels) {
        float[] known = told(moved);
        for (int from = 0; from < chosen.length; from += block.capacity()) {
            try (StepScope scope = torch.newStep()) {
                block.fill(chosen, from, Math.min(from + block.capacity(), chosen.length));
                block.recall(before, distances);
                block.decide(block.candidates(scope, moved, known), moved, centroids);
                block.put(labels, distances);
            }
            alive.run();
        }
    }

    /** What the axes tell of all points, null without axes. */
    private float @Nullable [] told(ScoredCentroids side) {
        PrincipalAxes used = side.axes();
        if (used != null && told == null) {
            told = used.tellPoints(points, alive);
        }
        return used == null ? null : told;
    }

    /** All centroids, with bounds if these leave few enough of them open. */
    private ScoredCentroids scored(StepScope scope, Centroids centroids, int[] all, int @Nullable [] before) {
        PrincipalAxes known = axes;
        if (known != null) {
            ScoredCentroids bounded = ScoredCentroids.of(scope, centroids, all, known, alive);
            if (bounding.always() || pays(scope, bounded, known, centroids, before)) {
                return bounded;
            }
        }
        return ScoredCentroids.of(scope, centroids, all, null, alive);
    }

    private boolean pays(
            StepScope scope,
            ScoredCentroids bounded,
            PrincipalAxes known,
            Centroids centroids,
            int @Nullable [] before) {
        int count = Math.min(SAMPLE, points.count());
        int[] chosen = IntStream.range(0, count)
                .map(i -> (int) ((long) points.count() * i / count))
                .toArray();
        Points sample = points.choose(chosen);
        float[] tells = known.tellPoints(sample, alive);
        PointBlock probe = new PointBlock(workers, scan, sample, count);
        probe.fill(IntStream.range(0, count).toArray(), 0, count);
        int[] labels = before == null
                ? null
                : Arrays.stream(chosen).map(i -> before[i]).toArray();
        approach(probe, scope, bounded, tells, centroids, labels);
        LongBuffer open = probe.candidates(scope, bounded, tells);
        return open.remaining() <= (long) count * centroids.count() / PAYS;
    }

    @Override
    public void close() {
        workers.close();
        scan.close();
        if (axes != null) {
            axes.close();
        }
    }
}
