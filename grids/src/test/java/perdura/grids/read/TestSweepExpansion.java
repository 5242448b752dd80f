package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TrialIdentity;
import perdura.grids.spec.TrialSpec;

class TestSweepExpansion {
    private static final String HEAD = """
            apiVersion: perdura/v1
            kind: Sweep
            name: toy-1
            task: toy
            objective: {metric: auroc, goal: max}
            """;
    private static final String SQUARE =
            HEAD + "matrix: {batchSize: {range: [1, 64, 1]}, model.dim: {range: [1, 64, 1]}}\n";

    @Test
    void everyParameterIsResolved() {
        SweepExpansion sweep = TestSweepReader.read(HEAD + "base: {model: {depth: 3}}\nmatrix: {batchSize: [8, 16]}\n");
        assertThat(points(sweep).stream().map(point -> point.nested().toString()))
                .containsExactly(
                        "{augment=false, batchSize=8, clipNorm=null, encoder=null, learningRate=0.001,"
                                + " model={blocks=[1, 1], depth=3, dim=64}, momentum=0.0, optimizer=adam}",
                        "{augment=false, batchSize=16, clipNorm=null, encoder=null, learningRate=0.001,"
                                + " model={blocks=[1, 1], depth=3, dim=64}, momentum=0.0, optimizer=adam}");
    }

    @Test
    void aPointRunsOnceWithEachSeed() {
        SweepExpansion sweep = TestSweepReader.read(HEAD + "matrix: {batchSize: [8, 16], seeds: [5, 3]}\n");
        List<String> trials = new ArrayList<>();
        Iterator<TrialSpec> all = sweep.trials();
        all.forEachRemaining(trial -> trials.add(
                trial.task() + trial.taskVersion() + " " + trial.parameters().value("batchSize") + " " + trial.seed()));
        assertThat(trials).containsExactly("toy3 8 5", "toy3 8 3", "toy3 16 5", "toy3 16 3");
        assertThatThrownBy(all::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void writingADefaultOutOrAnotherOrderChangesNoKey() {
        Set<String> one = keys(HEAD + "matrix: {batchSize: [8, 16], model.dim: [1, 2]}\n");
        Set<String> other = keys(HEAD + "base: {momentum: 0, optimizer: adam, clipNorm: ~, learningRate: 1e-3}\n"
                + "matrix: {model: {dim: [2, 1]}, batchSize: {range: [16, 8, -8]}}\n");
        assertThat(one).hasSize(4).isEqualTo(other);
        assertThat(keys(HEAD + "matrix: {batchSize: [8, 16, 32], model.dim: [1, 2]}\n"))
                .hasSize(6)
                .containsAll(one);
    }

    @Test
    void randomPointsAreDistinctAndTheSameForASeed() {
        List<Parameters> seven = points(SQUARE + "strategy: {kind: random, count: 200, seed: 7}\n");
        assertThat(seven).hasSize(200).doesNotHaveDuplicates();
        assertThat(points(SQUARE + "strategy: {kind: random, count: 200, seed: 7}\n"))
                .isEqualTo(seven);
        assertThat(points(SQUARE + "strategy: {kind: random, count: 300, seed: 7}\n")
                        .subList(0, 200))
                .isEqualTo(seven);
        assertThat(points(SQUARE + "strategy: {kind: random, count: 200, seed: 8}\n"))
                .isNotEqualTo(seven);
        assertThat(points(SQUARE + "strategy: {kind: random, count: 4096, seed: 7}\n"))
                .doesNotHaveDuplicates()
                .hasSize(4096);
    }

    /**
     * The draws are part of a sweep's meaning: a change would plan other trials for a grid that ran before. The numbers come
     * from a second implementation in Python, the Sobol ones from {@code scipy.stats.qmc.Sobol(2, scramble=False)}, each
     * coordinate's first 52 bits xor SplitMix64(7).next() >>> 12.
     */
    @Test
    void drawsNeverChange() {
        assertThat(points(SQUARE + "strategy: {kind: random, count: 4, seed: 7}\n").stream()
                        .map(TestSweepExpansion::square))
                .containsExactly("46 11", "56 22", "25 36", "43 40");
        assertThat(points(SQUARE + "strategy: {kind: sobol, count: 4, seed: 7}\n").stream()
                        .map(TestSweepExpansion::square))
                .containsExactly("25 2", "57 34", "41 18", "9 50");
    }

    @Test
    void sobolPointsFillTheSquareEvenly() {
        for (int seed = 0; seed < 5; seed++) {
            List<Parameters> points = points(SQUARE + "strategy: {kind: sobol, count: 64, seed: " + seed + "}\n");
            assertThat(points).hasSize(64).doesNotHaveDuplicates();
            // the first 2^6 points of the sequence are a (0, 6, 2)-net: one in each elementary interval, shifted or not
            assertThat(points.stream().map(point -> point.value("batchSize"))).doesNotHaveDuplicates();
            assertThat(points.stream().map(point -> point.value("model.dim"))).doesNotHaveDuplicates();
            Map<Long, Integer> eighths = new HashMap<>();
            points.forEach(point -> eighths.merge(
                    ((Long) value(point, "batchSize") - 1) / 8 * 8 + ((Long) value(point, "model.dim") - 1) / 8,
                    1,
                    Integer::sum));
            assertThat(eighths).hasSize(64);
        }
    }

    @Test
    void sobolFindsEveryPointOfASmallGrid() {
        String grid = HEAD + """
                matrix:
                  optimizer: [sgd, adam, adamw]
                  momentum: {range: [0.1, 0.5, 0.1], when: {optimizer: sgd}}
                  batchSize: [1, 2]
                strategy: {kind: sobol, count: 14}
                """;
        assertThat(points(grid)).hasSize(14).doesNotHaveDuplicates();
    }

    @Test
    void anIncludedPointIsNotDrawnAgain() {
        String grid = HEAD + "matrix: {batchSize: [1, 2, 3]}\ninclude: [{batchSize: 2}, {batchSize: 9}]\n";
        for (String kind : List.of("random", "sobol")) {
            assertThat(points(grid + "strategy: {kind: " + kind + ", count: 2}\n").stream()
                            .map(point -> point.value("batchSize")))
                    .startsWith(2L, 9L)
                    .containsExactlyInAnyOrder(2L, 9L, 1L, 3L);
        }
    }

    @Test
    void aHundredThousandPointsTakeLittleTimeAndMemory() {
        SweepExpansion sweep = TestSweepReader.read(HEAD + """
                matrix:
                  batchSize: {range: [1, 100, 1]}
                  model.dim: {range: [1, 100, 1]}
                  learningRate: {logRange: [1e-5, 1e-1, 10]}
                  optimizer: [sgd, adam]
                constraints: [batchSize + model.dim >= 2, learningRate < 1.0]
                exclude: [{optimizer: adam}]
                """);
        Set<Integer> hashes = new HashSet<>();
        long start = System.nanoTime();
        long count = 0;
        for (Iterator<TrialSpec> trials = sweep.trials(); trials.hasNext(); ) {
            TrialIdentity identity =
                    TrialIdentity.of(trials.next(), KnownTasks.TOY, "ab".repeat(32), null, "fp32", "pytorch-2.7");
            hashes.add(identity.key().hashCode());
            count++;
        }
        assertThat(count).isEqualTo(100_000);
        assertThat(hashes).hasSizeGreaterThan(99_000);
        assertThat(System.nanoTime() - start).isLessThan(30_000_000_000L); // a busy machine; 2 s alone
    }

    private static Object value(Parameters point, String path) {
        return Objects.requireNonNull(point.value(path));
    }

    private static String square(Parameters point) {
        return point.value("batchSize") + " " + point.value("model.dim");
    }

    private static Set<String> keys(String text) {
        Set<String> keys = new HashSet<>();
        TestSweepReader.read(text)
                .trials()
                .forEachRemaining(trial ->
                        keys.add(TrialIdentity.of(trial, KnownTasks.TOY, "ab".repeat(32), null, "fp32", "pytorch-2.7")
                                .key()
                                .digest()));
        return keys;
    }

    private static List<Parameters> points(String text) {
        return points(TestSweepReader.read(text));
    }

    private static List<Parameters> points(SweepExpansion sweep) {
        List<Parameters> points = new ArrayList<>();
        sweep.points().forEachRemaining(points::add);
        assertThat(sweep.countPoints()).isEqualTo(points.size());
        assertThat(sweep.mostPoints()).isGreaterThanOrEqualTo(points.size());
        return points;
    }
}
