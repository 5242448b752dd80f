package perdura.training.methods.sense.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.testkit.GoldenTensors;
import perdura.training.methods.sense.cluster.KMeans.Round;
import perdura.training.methods.sense.cluster.KMeans.Settings;
import perdura.training.methods.sense.cluster.KMeans.Split;
import perdura.training.methods.sense.spec.ClusterSpec.EmptyClusters;
import perdura.training.torch.Torch;

/** K-means against the fixture, the goldens of sense.md 8.1, and itself: whatever the memory, the threads, the bounds. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestKMeans {
    private static final long PLENTY = 1L << 30;

    private Torch torch;

    private static void ignore(Round round) {}

    private static void alive() {}

    @BeforeAll
    void start() {
        torch = Torch.start("cpu", 1);
    }

    @AfterAll
    void stop() {
        torch.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"permutation", "planted", "plantedLargest", "fewIterations", "everyPoint"})
    void itIsThatOfTheFixture(String name) {
        GoldenTensors golden = GoldenTensors.load("sense/kmeans");
        JsonNode config = golden.json().get("config");
        JsonNode expected = config.get("cases").get(name);
        int width = config.get("d").asInt();
        float[] points = Arrays.copyOf(
                floats(golden.values("points")), expected.get("points").asInt() * width);
        Settings settings = new Settings(
                expected.get("clusters").asInt(),
                expected.get("iterations").asInt(),
                EmptyClusters.valueOf(expected.get("emptyClusters").asText()),
                config.get("seed").asLong(),
                expected.get("epoch").asInt(),
                2,
                PLENTY);
        for (Bounding bounding : List.of(Bounding.PLAIN, new Bounding(Math.max(1, width / 4), true))) {
            KMeans kmeans = kmeans(settings, points, width, bounding);
            float[] initial = kmeans.drawInitial();
            if (expected.get("initial").asText().equals("permutation")) {
                double[] indices = golden.values(name + ".initialIndices");
                for (int k = 0; k < indices.length; k++) {
                    int from = ((int) indices[k]) * width;
                    assertThat(Arrays.copyOfRange(initial, k * width, (k + 1) * width))
                            .containsExactly(Arrays.copyOfRange(points, from, from + width));
                }
            } else {
                initial = floats(golden.values(expected.get("initial").asText()));
            }
            List<int[]> trace = new ArrayList<>();
            Clusters found =
                    kmeans.run(initial, null, round -> trace.add(round.labels().clone()), TestKMeans::alive);
            trace.add(found.labels());

            assertThat(trace.stream().flatMapToInt(Arrays::stream).toArray())
                    .containsExactly(ints(golden.values(name + ".trace")));
            assertThat(found.labels()).containsExactly(ints(golden.values(name + ".labels")));
            assertThat(found.sizes()).containsExactly(ints(golden.values(name + ".sizes")));
            assertThat(found.centroids()).containsExactly(floats(golden.values(name + ".centroids")));
            assertNear(found.unitCentroids(), golden.values(name + ".unitCentroids"), 1e-7);
            double[] squares = Arrays.stream(golden.values(name + ".distances"))
                    .map(each -> each * each)
                    .toArray();
            assertThat(found.distances()).containsExactly(squares, within(1e-12));
            List<Split> donors = new ArrayList<>();
            expected.get("donors")
                    .forEach(each -> donors.add(new Split(
                            each.get(0).asInt(),
                            each.get(1).asInt(),
                            each.get(2).asInt())));
            assertThat(found.splits()).isEqualTo(donors);
            JsonNode objective = golden.json().get("scalars").get(name + ".objective");
            assertThat(found.objectives()).hasSize(objective.size());
            for (int i = 0; i < objective.size(); i++) {
                assertThat(found.objectives().get(i))
                        .isCloseTo(
                                objective.get(i).asDouble(),
                                within(1e-9 * (1 + objective.get(i).asDouble())));
            }
            if (!golden.names(name + ".concentration").isEmpty()) {
                assertThat(found.concentration(0.1))
                        .containsExactly(golden.values(name + ".concentration"), within(1e-9));
            }
        }
    }

    @Test
    void clustersAreFewerWhereTheyWouldBeSmall() {
        JsonNode cases = GoldenTensors.load("sense/kmeans").json().get("config").get("resolvedClusters");
        assertThat(cases).isNotEmpty();
        cases.forEach(each -> assertThat(KMeans.resolveClusters(
                        each.get("n").asInt(), each.get("k").asInt()))
                .isEqualTo(each.get("clusters").asInt()));
    }

    @Test
    void fourPointsAreTwoPairsOrALocalOptimum() {
        float[] points = {0, 0, 0, 1, 10, 0, 10, 1};
        Clusters pairs = run(points, 2, 0, 0, 10, 1);
        assertThat(pairs.labels()).containsExactly(0, 0, 1, 1);
        assertThat(pairs.centroids()).containsExactly(0, 0.5f, 10, 0.5f);
        assertThat(pairs.objectives()).startsWith(2.0, 1.0);

        Clusters local = run(points, 2, 0, 0, 0, 1);
        assertThat(local.labels()).containsExactly(0, 1, 0, 1);
        assertThat(local.centroids()).containsExactly(5, 0, 5, 1);
        assertThat(local.objectives()).startsWith(200.0, 100.0);
    }

    @Test
    void theLowestOfEquallyNearCentroidsWins() {
        Clusters found = run(new float[] {0, 0, 2, 0, 1, 0}, 2, 0, 0, 2, 0);
        assertThat(found.labels()).containsExactly(0, 1, 0);
        assertThat(found.centroids()).containsExactly(0.5f, 0, 2, 0);
    }

    @Test
    void aDonorIsMovedApart() {
        Centroids centroids = new Centroids(points(new float[] {0, 0}, 2), new float[] {0, 0, 0.8f, 0.6f});
        centroids.split(0, 1);
        assertNear(centroids.values(), new double[] {0.80078125, 0.5994140625, 0.79921875, 0.6005859375}, 1e-7);
    }

    @Test
    void concentrationBeforeScaling() {
        assertThat(Clusters.rawConcentration(new double[] {0.5, 0.6, 7}, new int[] {2, 3, 1}))
                .containsExactly(new double[] {0.1006074011, 0.0779742490, 0.1006074011}, within(1e-9));
        assertThat(Clusters.concentration(new double[] {0, 0}, new int[] {1, 1}, 0.1))
                .containsExactly(0.1, 0.1);
    }

    /** Bounds, blocks and threads change no label, no centroid and no objective. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyWayIsThePlainWay(long seed) {
        int width = 48;
        float[] points = clustered(1500, width, 12, seed);
        Clusters plain = oracle(points, width, 60, 12, seed);
        for (Bounding bounding : List.of(
                Bounding.PLAIN,
                Bounding.AUTO,
                new Bounding(4, true),
                new Bounding(20, true),
                new Bounding(20, false))) {
            for (int threads : new int[] {1, 3}) {
                long memory = threads == 1 ? PLENTY : least(bounding) + 500L * bounding.axes();
                Settings settings = new Settings(60, 12, EmptyClusters.SCAN, seed, 0, threads, memory);
                KMeans kmeans = kmeans(settings, points, width, bounding);
                Clusters found = kmeans.run(kmeans.drawInitial(), null, TestKMeans::ignore, TestKMeans::alive);
                assertThat(found).usingRecursiveComparison().isEqualTo(plain);
            }
        }
    }

    private static long least(Bounding bounding) {
        return 28L * 60 * 48 + 32 * 1500 + 64L * (8L * (48 + bounding.axes()) + 64 + 5 * 60);
    }

    /** Points that lie twice and centroids that lie twice: every distance is a tie. */
    @Test
    void tiesAreDecidedAlikeByBounds() {
        int width = 24;
        float[] some = clustered(200, width, 5, 9);
        float[] points = new float[2 * some.length];
        System.arraycopy(some, 0, points, 0, some.length);
        System.arraycopy(some, 0, points, some.length, some.length);
        float[] initial = new float[40 * width];
        for (int k = 0; k < 40; k++) {
            System.arraycopy(some, (k / 2) * width, initial, k * width, width);
        }
        Settings settings = new Settings(40, 6, EmptyClusters.SCAN, 4, 0, 2, PLENTY);
        Clusters plain = kmeans(settings, points, width, Bounding.PLAIN)
                .run(initial, null, TestKMeans::ignore, TestKMeans::alive);
        Clusters bounded = kmeans(settings, points, width, new Bounding(6, true))
                .run(initial, null, TestKMeans::ignore, TestKMeans::alive);
        assertThat(plain.splits()).isNotEmpty();
        assertThat(bounded).usingRecursiveComparison().isEqualTo(plain);
        assertThat(plain).usingRecursiveComparison().isEqualTo(oracle(points, width, 40, 6, 4, initial));
    }

    @Test
    void itGoesOnFromEveryRound() {
        int width = 32;
        float[] points = clustered(900, width, 8, 5);
        Settings settings = new Settings(50, 9, EmptyClusters.SCAN, 5, 2, 2, PLENTY);
        KMeans kmeans = kmeans(settings, points, width, new Bounding(8, true));
        float[] initial = kmeans.drawInitial();
        Arrays.fill(initial, 0, 3 * width, 5); // three are empty at first
        List<Round> rounds = new ArrayList<>();
        Clusters whole = kmeans.run(
                initial,
                null,
                round -> rounds.add(new Round(
                        round.labels().clone(),
                        round.centroids().clone(),
                        List.copyOf(round.objectives()),
                        List.copyOf(round.splits()))),
                TestKMeans::alive);
        assertThat(whole.splits()).isNotEmpty();
        assertThat(rounds).hasSizeGreaterThan(3);
        for (Round round : rounds) {
            List<Integer> updates = new ArrayList<>();
            Clusters resumed = kmeans.run(initial, round, later -> updates.add(later.updates()), TestKMeans::alive);
            assertThat(resumed).usingRecursiveComparison().isEqualTo(whole);
            assertThat(updates).hasSize(rounds.size() - round.updates());
        }
    }

    @Test
    void theObjectiveRisesAfterASplitAlone() {
        float[] points = clustered(800, 20, 6, 8);
        Settings settings = new Settings(40, 20, EmptyClusters.LARGEST, 8, 0, 2, PLENTY);
        KMeans kmeans = kmeans(settings, points, 20, Bounding.PLAIN);
        float[] initial = kmeans.drawInitial();
        Arrays.fill(initial, 0, 4 * 20, 9);
        Clusters found = kmeans.run(initial, null, TestKMeans::ignore, TestKMeans::alive);
        assertThat(found.splits()).hasSizeGreaterThanOrEqualTo(4);
        for (int i = 1; i < found.objectives().size(); i++) {
            int update = i - 1;
            if (found.splits().stream().noneMatch(split -> split.update() == update)) {
                assertThat(found.objectives().get(i))
                        .isLessThanOrEqualTo(found.objectives().get(i - 1));
            }
        }
        assertThat(Arrays.stream(found.sizes()).sum()).isEqualTo(800);
    }

    /** Other numbers for the first centroids are other numbers for the clusters, and nothing else. */
    @Test
    void renumberingTheCentroidsRenumbersTheClusters() {
        int width = 16;
        float[] points = clustered(500, width, 6, 3);
        Settings settings = new Settings(20, 8, EmptyClusters.LARGEST, 3, 0, 2, PLENTY);
        KMeans kmeans = kmeans(settings, points, width, Bounding.PLAIN);
        float[] initial = kmeans.drawInitial();
        int[] order = Seeds.stream("order").permutation(20);
        float[] renumbered = new float[initial.length];
        for (int k = 0; k < 20; k++) {
            System.arraycopy(initial, k * width, renumbered, order[k] * width, width);
        }
        Clusters first = kmeans.run(initial, null, TestKMeans::ignore, TestKMeans::alive);
        Clusters second = kmeans.run(renumbered, null, TestKMeans::ignore, TestKMeans::alive);
        assertThat(second.labels())
                .containsExactly(
                        Arrays.stream(first.labels()).map(k -> order[k]).toArray());
        assertThat(second.objectives()).isEqualTo(first.objectives());
    }

    @Test
    void whatCannotBeClusteredIsRefused() {
        Settings three = new Settings(3, 5, EmptyClusters.SCAN, 1, 0, 1, PLENTY);
        assertThatThrownBy(() -> kmeans(three, new float[] {1, 2, 3, 4}, 2, Bounding.PLAIN))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA);
                    assertThat(e).hasMessageContaining("2 points").hasMessageContaining("was 3");
                });
        float[] points = new float[8];
        points[5] = Float.NaN;
        assertThatThrownBy(() -> kmeans(three, points, 2, Bounding.PLAIN))
                .isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA);
                    assertThat(e).hasMessageContaining("study row 2").hasMessageContaining("1 was NaN");
                });
        Settings little = new Settings(3, 5, EmptyClusters.SCAN, 1, 0, 1, 1000);
        KMeans kmeans = kmeans(little, new float[8], 2, Bounding.PLAIN);
        assertThatThrownBy(() -> kmeans.run(kmeans.drawInitial(), null, TestKMeans::ignore, TestKMeans::alive))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC));
    }

    private Clusters run(float[] points, int width, float... initial) {
        Settings settings = new Settings(initial.length / width, 20, EmptyClusters.SCAN, 1, 0, 2, PLENTY);
        return kmeans(settings, points, width, Bounding.PLAIN)
                .run(initial, null, TestKMeans::ignore, TestKMeans::alive);
    }

    private KMeans kmeans(Settings settings, float[] points, int width, Bounding bounding) {
        return new KMeans(torch, settings, points(points, width), bounding);
    }

    private static Points points(float[] values, int width) {
        return new Points(FloatBuffer.wrap(values), width);
    }

    /** Unit vectors around some centres, most of whose differences lie in few directions. */
    static float[] clustered(int count, int width, int centres, long seed) {
        RandomStream draws = Seeds.stream("clustered", seed);
        double[] centre = IntStream.range(0, centres * width)
                .mapToDouble(i -> draws.nextGaussian() * Math.pow(0.9, i % width))
                .toArray();
        float[] points = new float[count * width];
        for (int i = 0; i < count; i++) {
            int from = draws.bounded(centres) * width;
            double[] row = new double[width];
            double square = 0;
            for (int d = 0; d < width; d++) {
                row[d] = centre[from + d] + 0.3 * draws.nextGaussian() * Math.pow(0.9, d);
                square += row[d] * row[d];
            }
            for (int d = 0; d < width; d++) {
                points[i * width + d] = (float) (row[d] / Math.sqrt(square));
            }
        }
        return points;
    }

    private Clusters oracle(float[] points, int width, int clusters, int iterations, long seed) {
        Settings settings = new Settings(clusters, iterations, EmptyClusters.SCAN, seed, 0, 1, PLENTY);
        float[] initial = kmeans(settings, points, width, Bounding.PLAIN).drawInitial();
        return oracle(points, width, clusters, iterations, seed, initial);
    }

    /** The rules of sense.md 3b, one after another, without any shortcut. */
    private static Clusters oracle(
            float[] points, int width, int clusters, int iterations, long seed, float[] initial) {
        int count = points.length / width;
        float[] centroids = initial.clone();
        int[] before = null;
        List<Double> objectives = new ArrayList<>();
        List<Split> splits = new ArrayList<>();
        for (int update = 0; ; update++) {
            int[] labels = new int[count];
            double[] distances = new double[count];
            double objective = 0;
            for (int i = 0; i < count; i++) {
                distances[i] = Double.POSITIVE_INFINITY;
                for (int k = 0; k < clusters; k++) {
                    double sum = 0;
                    for (int d = 0; d < width; d++) {
                        double difference = (double) points[i * width + d] - centroids[k * width + d];
                        sum += difference * difference;
                    }
                    if (sum < distances[i]) {
                        distances[i] = sum;
                        labels[i] = k;
                    }
                }
                objective += distances[i];
            }
            objectives.add(objective);
            int last = update - 1;
            if (update == iterations
                    || (Arrays.equals(labels, before) && splits.stream().noneMatch(split -> split.update() == last))) {
                return new Clusters(width, labels, centroids, distances, objectives, splits);
            }
            double[] sums = new double[clusters * width];
            int[] sizes = new int[clusters];
            for (int i = 0; i < count; i++) {
                sizes[labels[i]]++;
                for (int d = 0; d < width; d++) {
                    sums[labels[i] * width + d] += points[i * width + d];
                }
            }
            for (int at = 0; at < sums.length; at++) {
                centroids[at] = sizes[at / width] > 0 ? (float) (sums[at] / sizes[at / width]) : centroids[at];
            }
            RandomStream draws = Seeds.stream(seed, "kmeans-split", 0, update);
            for (int k = 0; k < clusters; k++) {
                if (sizes[k] == 0) {
                    int donor = 0;
                    while (!(draws.nextDouble() < (sizes[donor] - 1.0) / (count - clusters))) {
                        donor = (donor + 1) % clusters;
                    }
                    for (int d = 0; d < width; d++) {
                        double value = centroids[donor * width + d];
                        double sign = d % 2 == 0 ? 1 : -1;
                        centroids[k * width + d] = (float) (value * (1 + sign / 1024));
                        centroids[donor * width + d] = (float) (value * (1 - sign / 1024));
                    }
                    sizes[k] = sizes[donor] / 2;
                    sizes[donor] -= sizes[k];
                    splits.add(new Split(update, k, donor));
                }
            }
            before = labels;
        }
    }

    private static void assertNear(float[] found, double[] expected, double tolerance) {
        assertThat(found).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static int[] ints(double[] values) {
        return Arrays.stream(values).mapToInt(each -> (int) each).toArray();
    }
}
