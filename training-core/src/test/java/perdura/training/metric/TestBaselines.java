package perdura.training.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.RowList;
import perdura.datasets.synth.SynthConfig;
import perdura.training.golden.TestingSynth;

class TestBaselines {
    private static final int SIDE = 32;

    @TempDir
    static Path folder;

    private static DataSet data;
    private static RowList train;
    private static RowList test;

    @BeforeAll
    static void ingest() {
        data = TestingSynth.ingest(folder, TestingSynth.config(SynthConfig.Format.SIIM, 200, 5, 0.2, SIDE), SIDE);
        train = RowList.range(120);
        test = RowList.of(IntStream.range(120, 200).toArray());
    }

    /** From the definitions, mask by mask; with sides of 32 the cells that are compared are the pixels. */
    @Test
    void masksThatNeedNoLearningScoreWhatTheirDefinitionsSay() {
        Map<String, Double> metrics = MaskBaselines.measure(data, train, test);
        int pixels = SIDE * SIDE;
        IntFunction<byte[]> mask = row -> data.array("masks").read(data.firstImage(row));

        double emptyTruths =
                test.stream().filter(row -> sum(mask.apply(row)) == 0).count();
        assertThat(emptyTruths).isBetween(40.0, 75.0);
        assertThat(metrics.get("baseline/empty/dice")).isCloseTo(emptyTruths / test.size(), within(1e-12));
        assertThat(metrics.get("baseline/empty/dice-positives")).isZero();

        double[] share = IntStream.range(0, pixels)
                .mapToDouble(i -> train.stream()
                        .mapToObj(mask)
                        .mapToInt(m -> m[i])
                        .average()
                        .orElseThrow())
                .toArray();
        List<byte[]> levels = IntStream.rangeClosed(1, 10)
                .mapToObj(level -> bytes(pixels, i -> 20 * share[i] > level - 1e-9 ? 1 : 0))
                .toList();
        byte[] mean = levels.stream()
                .max(Comparator.comparingDouble(answer -> positives(train, row -> answer, mask)))
                .orElseThrow();
        assertThat(sum(mean)).isPositive();
        assertScores(metrics, "mean-mask", row -> mean, mask);

        assertScores(
                metrics,
                "nearest-image",
                row -> mask.apply(train.stream()
                        .boxed()
                        .min(Comparator.comparingLong(other -> distance(row, other)))
                        .orElseThrow()),
                mask);
    }

    private static void assertScores(
            Map<String, Double> metrics, String name, IntFunction<byte[]> answer, IntFunction<byte[]> mask) {
        assertThat(metrics.get("baseline/" + name + "/dice-positives"))
                .isGreaterThan(0.05)
                .isCloseTo(positives(test, answer, mask), within(1e-12));
        double all = test.stream()
                .mapToDouble(row -> dice(answer.apply(row), mask.apply(row)))
                .average()
                .orElseThrow();
        assertThat(metrics.get("baseline/" + name + "/dice")).isCloseTo(all, within(1e-12));
    }

    private static double positives(RowList rows, IntFunction<byte[]> answer, IntFunction<byte[]> mask) {
        return rows.stream()
                .filter(row -> sum(mask.apply(row)) > 0)
                .mapToDouble(row -> dice(answer.apply(row), mask.apply(row)))
                .average()
                .orElseThrow();
    }

    private static double dice(byte[] a, byte[] b) {
        int both = IntStream.range(0, a.length).map(i -> a[i] & b[i]).sum();
        return sum(a) + sum(b) == 0 ? 1 : 2.0 * both / (sum(a) + sum(b));
    }

    private static int sum(byte[] mask) {
        return IntStream.range(0, mask.length).map(i -> mask[i]).sum();
    }

    private static byte[] bytes(int size, IntUnaryOperator value) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) value.applyAsInt(i);
        }
        return bytes;
    }

    private static long distance(int row, int other) {
        byte[] a = data.images().read(data.firstImage(row));
        byte[] b = data.images().read(data.firstImage(other));
        return IntStream.range(0, a.length)
                .mapToLong(i -> (long) ((a[i] & 0xFF) - (b[i] & 0xFF)) * ((a[i] & 0xFF) - (b[i] & 0xFF)))
                .sum();
    }

    /** Three of five training boxes are the same one on the left, the others the same one on the right; a test image has another in the middle. */
    @Test
    void meanBoxesOfHalvesAndClustersFindWhatIsAlwaysThere() {
        double[] left = {10, 10, 30, 30};
        double[] right = {70, 20, 90, 50};
        double[] both = {10, 10, 30, 30, 70, 20, 90, 50};
        List<double[]> train = List.of(left, right, left, both);
        List<double[]> test = List.of(left, right, both, new double[] {40, 40, 60, 60});
        Map<String, Double> metrics = BoxBaselines.measure(train, test, 100);
        assertThat(metrics).containsEntry("baseline/mean-box/map", 0.0).hasSize(9);
        // all left boxes come first, by their score: hit, miss, hit, miss; then miss, hit, hit, miss; of five truths
        double expected = (21 * 1.0 + 20 * 2 / 3.0 + 40 * 4 / 7.0) / 101;
        assertThat(metrics.get("baseline/mean-box-of-each-half/map")).isCloseTo(expected, within(1e-12));
        assertThat(metrics.get("baseline/k-means-boxes/ap75")).isCloseTo(expected, within(1e-12));
    }

    @Test
    void clustersOfBoxesAreTheSameEveryTimeAndBetterThanMeans() {
        RandomStream draws = Seeds.stream("box baselines");
        List<double[]> all = IntStream.range(0, 200)
                .mapToObj(i -> {
                    double x = draws.bounded(2) * 50 + 5 * draws.nextDouble();
                    double y = draws.bounded(3) * 30 + 5 * draws.nextDouble();
                    return new double[] {x, y, x + 20, y + 25};
                })
                .toList();
        Map<String, Double> once = BoxBaselines.measure(all.subList(0, 150), all.subList(150, 200), 100);
        assertThat(BoxBaselines.measure(all.subList(0, 150), all.subList(150, 200), 100))
                .isEqualTo(once);
        assertThat(once.get("baseline/k-means-boxes/ap50"))
                .isGreaterThan(once.get("baseline/mean-box-of-each-half/ap50"))
                .isGreaterThan(0.1);
    }

    @Test
    void boxesNeedOneToLearnFrom() {
        assertThatThrownBy(() -> BoxBaselines.measure(List.of(new double[0]), List.of(), 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("training box");
    }
}
