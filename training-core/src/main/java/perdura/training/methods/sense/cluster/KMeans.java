package perdura.training.methods.sense.cluster;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.SenseDraws;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.methods.sense.spec.ClusterSpec.EmptyClusters;
import perdura.training.torch.Torch;

/**
 * Lloyd's algorithm (sense.md 3b). Points and centroids are float32, distances and sums double, in ascending order of points and
 * coordinates; of equal distances the lowest centroid wins. The result is the same whatever the device, the threads and the memory.
 */
public final class KMeans {
    /**
     * What is clustered, and how.
     *
     * @param clusters K, at least 1
     * @param iterations updates of the centroids at most, at least 1
     * @param seed of the run
     * @param epoch decides the first centroids and the splits, with the seed
     * @param threads that compute, at least 1
     * @param memoryBytes what may be taken beside the points and the result
     */
    public record Settings(
            int clusters,
            int iterations,
            EmptyClusters emptyClusters,
            long seed,
            int epoch,
            int threads,
            long memoryBytes) {
        public Settings {
            requirePositive("clusters", clusters);
            requirePositive("iterations", iterations);
            requirePositive("threads", threads);
        }

        private static void requirePositive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be >= 1, was " + value);
            }
        }
    }

    /**
     * Where Lloyd's algorithm is after an update; it goes on from here to the same result. The arrays are the algorithm's own: not to be
     * changed, and not to be kept beyond the call.
     *
     * @param labels of the last assignment [N]
     * @param centroids after the update [K, D]
     * @param objectives sum of squared distances at each assignment
     * @param splits of all updates
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Round(int[] labels, float[] centroids, List<Double> objectives, List<Split> splits) {
        /** Updates that are done. */
        public int updates() {
            return objectives.size();
        }
    }

    /**
     * A cluster that was empty and got half of another one.
     *
     * @param update from 0
     */
    public record Split(int update, int empty, int donor) {}

    private final Torch torch;
    private final Settings settings;
    private final Points points;
    private final Bounding bounding;

    /**
     * @param torch used by the thread that calls {@link #run}
     * @param points [N, D], from position 0 on, outside of the heap; not to be changed meanwhile
     * @param width D
     * @throws PerduraException INVALID_DATA if there are fewer points than clusters, or one is not finite
     */
    public KMeans(Torch torch, Settings settings, FloatBuffer points, int width) {
        this(torch, settings, new Points(points, width), Bounding.AUTO);
    }

    KMeans(Torch torch, Settings settings, Points points, Bounding bounding) {
        this.torch = torch;
        this.settings = settings;
        this.points = points;
        this.bounding = bounding;
        if (points.count() < settings.clusters()) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "clusters must be <= the " + points.count() + " points, was " + settings.clusters());
        }
        points.requireFinite();
    }

    /** How many clusters N points get: K if N is at least 10 K, else max(1, floor(N / 15)). */
    public static int resolveClusters(int points, int clusters) {
        return points >= 10L * clusters ? clusters : Math.max(1, points / 15);
    }

    /** The first centroids: K distinct points, drawn by seed and epoch. */
    public float[] drawInitial() {
        int[] drawn =
                new SenseDraws(settings.seed()).kmeansInitial(settings.epoch(), points.count(), settings.clusters());
        float[] centroids = new float[Math.multiplyExact(settings.clusters(), points.width())];
        for (int k = 0; k < settings.clusters(); k++) {
            points.copy(drawn[k], centroids, k * points.width());
        }
        return centroids;
    }

    /**
     * Clusters the points.
     *
     * @param initial first centroids [K, D]
     * @param from where an earlier call with the same points, settings and first centroids was; null for the beginning
     * @param after called after each update
     * @param alive called often; what it throws ends the work
     * @throws PerduraException INVALID_SPEC if the memory is too little for a block of distances
     */
    public Clusters run(float[] initial, @Nullable Round from, Consumer<Round> after, Runnable alive) {
        if (initial.length != settings.clusters() * points.width()) {
            throw new IllegalArgumentException("the first centroids must be " + settings.clusters() + " x "
                    + points.width() + " numbers, were " + initial.length);
        }
        try (Assignment assignment = new Assignment(torch, settings, points, bounding, alive)) {
            Centroids centroids = new Centroids(
                    points, from == null ? initial.clone() : from.centroids().clone());
            List<Double> objectives = new ArrayList<>(from == null ? List.of() : from.objectives());
            List<Split> splits = new ArrayList<>(from == null ? List.of() : from.splits());
            int[] before = from == null ? null : from.labels().clone();
            int[] labels = new int[points.count()];
            while (true) {
                int update = objectives.size();
                assignment.assign(centroids, before, labels);
                objectives.add(assignment.objective());
                boolean settled = Arrays.equals(labels, before)
                        && splits.stream().noneMatch(split -> split.update() == update - 1);
                if (update == settings.iterations() || settled) {
                    return new Clusters(
                            points.width(), labels, centroids.values(), assignment.distances(), objectives, splits);
                }
                int[] sizes = centroids.moveToMeans(assignment.workers(), before, labels);
                splits.addAll(split(update, centroids, sizes));
                before = labels.clone();
                after.accept(new Round(before, centroids.values(), objectives, splits));
            }
        }
    }

    private List<Split> split(int update, Centroids centroids, int[] sizes) {
        RandomStream draws = Seeds.stream(settings.seed(), "kmeans-split", settings.epoch(), update);
        List<Split> splits = new ArrayList<>();
        for (int k = 0; k < sizes.length; k++) {
            if (sizes[k] == 0) {
                int donor = donor(sizes, draws);
                centroids.split(k, donor);
                sizes[k] = sizes[donor] / 2;
                sizes[donor] -= sizes[k];
                splits.add(new Split(update, k, donor));
            }
        }
        return splits;
    }

    /** A donor has at least two points: there are at least as many points as clusters, and one cluster has none. */
    private int donor(int[] sizes, RandomStream draws) {
        int spare = points.count() - sizes.length;
        int donor = 0;
        if (settings.emptyClusters() == EmptyClusters.LARGEST || spare == 0) {
            for (int k = 1; k < sizes.length; k++) {
                donor = sizes[k] > sizes[donor] ? k : donor;
            }
            return donor;
        }
        while (draws.nextDouble() >= (double) (sizes[donor] - 1) / spare) {
            donor = (donor + 1) % sizes.length;
        }
        return donor;
    }
}
