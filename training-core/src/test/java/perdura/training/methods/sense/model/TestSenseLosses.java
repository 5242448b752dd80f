package perdura.training.methods.sense.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.training.methods.sense.model.LossRun.Found;
import perdura.training.methods.sense.spec.ClusterSpec.Fusion;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.LossSpec.SameStudyKeys;
import perdura.training.methods.sense.spec.SenseSpec.LossWeights;
import perdura.training.torch.Torch;

/** The losses against worked numbers (sense.md 8.1), against an oracle, and what must hold of them (sense.md 8.2). */
class TestSenseLosses {
    private static final double EXACT = 1e-9;
    private static final double[][] NONE = {};
    private static final LossWeights CMC = new LossWeights(1, 0, 0);
    private static final LossWeights MMC = new LossWeights(0, 1, 0);
    private static final LossWeights UMC = new LossWeights(0, 0, 1);

    private static final double[][] ZV = {{1, 0}, {0.6, 0.8}};
    private static final double[][] ZT = {{0.8, 0.6}, {0, 1}};

    private static Torch torch;

    @BeforeAll
    static void start() {
        torch = Torch.start("cpu", 1);
    }

    @AfterAll
    static void stop() {
        torch.close();
    }

    @ParameterizedTest(name = "{0}, tau {1}")
    @CsvSource({
        "G1, 1, 0.5737222195",
        "G1, 0.1, 0.8921180736",
        "G2, 1, 0.6814582986",
        "G2, 0.1, 0.8921181511",
        "G3, 1, 0.6275902590",
        "G3, 0.1, 0.8921181124"
    })
    void crossModalLossIsThatOfTheWorkedExamples(String example, double tau, double expected) {
        assertThat(crossModal(example).run(torch, losses(tau, CMC), 3).total()).isCloseTo(expected, within(1e-10));
    }

    private static LossRun crossModal(String example) {
        LossRun run = example(ZV, ZT, ZV, ZT);
        if (!example.equals("G1")) {
            run.queues = new double[][][] {{{0, -1}}, {{-1, 0}}};
            run.queued = new long[] {example.equals("G2") ? 9 : 1};
        }
        return run;
    }

    /** Studies 1 and 2 with empty queues. */
    private static LossRun example(double[][] images, double[][] texts, double[][] imageKeys, double[][] textKeys) {
        LossRun run = new LossRun();
        run.vectors = new double[][][] {images, texts};
        run.keys = new double[][][] {imageKeys, textKeys};
        run.queues = new double[][][] {NONE, NONE};
        run.studies = new long[] {1, 2};
        run.queued = new long[0];
        return run;
    }

    @ParameterizedTest(name = "{0}, {1}, tau {2}")
    @CsvSource({
        "PER_MODALITY, 0, 1, 0.5969368966",
        "PER_MODALITY, 0, 0.1, 0.0634982626",
        "FUSED, 0, 1, 0.5574114996",
        "FUSED, 0, 0.1, 0.0017917647",
        "PER_MODALITY, 0.1, 1, 0.5368487158"
    })
    void prototypesAreThoseOfTheWorkedExamples(MmcAnchor anchor, double step, double tau, double expected) {
        LossRun run = prototypes();
        run.phi = step == 0 ? new double[] {tau, tau, tau} : new double[] {step, 2 * step, 3 * step};
        LossSpec spec = spec(1, tau, MmcForm.PROTO, anchor);
        assertThat(run.run(torch, new SenseLosses(spec, MMC, Fusion.MEAN, false), 2)
                        .total())
                .isCloseTo(expected, within(1e-10));
    }

    private static LossRun prototypes() {
        LossRun run = example(ZV, ZT, ZV, ZT);
        run.labels = new long[] {0, 0, 1};
        run.centroids = new double[][] {{1, 0}, {0, 1}, {-1, 0}};
        return run;
    }

    @ParameterizedTest
    @CsvSource({"1, 1.2971242396", "0.1, 1.0581891541"})
    void labelledKeysAreThoseOfTheWorkedExample(double tau, double expected) {
        LossRun run = prototypes();
        run.fused = new double[][] {{0.8, 0.6}, {-1, 0}, {0, 1}};
        run.fusedLabels = new long[] {0, 2, 1};
        LossSpec spec = spec(tau, 1, MmcForm.QUEUE_LABEL, MmcAnchor.PER_MODALITY);
        assertThat(run.run(torch, new SenseLosses(spec, MMC, Fusion.MEAN, false), 4)
                        .total())
                .isCloseTo(expected, within(1e-10));
    }

    @ParameterizedTest
    @CsvSource({"1, false, 0.6079761397", "0.1, false, 0.5958149296", "1, true, 0.9407132037", "0.1, true, 1.2849359649"
    })
    void uniModalLossIsThatOfTheWorkedExamples(double tau, boolean isQueued, double expected) {
        LossRun run = uniModal(isQueued);
        assertThat(run.run(torch, losses(tau, UMC), 3).total()).isCloseTo(expected, within(1e-10));
    }

    private static LossRun uniModal(boolean isQueued) {
        LossRun run = example(
                new double[][] {{1, 0}, {0, 1}},
                new double[][] {{0.6, 0.8}, {1, 0}},
                new double[][] {{0.8, 0.6}, {0.6, 0.8}},
                new double[][] {{1, 0}, {0.8, -0.6}});
        if (isQueued) {
            run.queues = new double[][][] {{{-0.6, 0.8}}, {{0, 1}}};
            run.queued = new long[] {9};
        }
        return run;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2.2405523785", "0.5, 0.25, 1.2451012736"})
    void theTotalIsThatOfTheWorkedExample(double beta, double gamma, double expected) {
        LossRun run = crossModal("G2");
        LossRun uni = uniModal(true);
        run.vectors = joined(run.vectors, uni.vectors);
        run.keys = joined(run.keys, uni.keys);
        run.queues = joined(run.queues, uni.queues);
        run.labels = new long[] {0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
        run.centroids = prototypes().centroids;
        run.phi = new double[] {0.1, 0.1, 0.1};
        SenseLosses losses = new SenseLosses(
                spec(0.1, 0.1, MmcForm.PROTO, MmcAnchor.PER_MODALITY),
                new LossWeights(1, beta, gamma),
                Fusion.MEAN,
                true);
        Found found = run.run(torch, losses, 2);
        assertThat(found.total()).isCloseTo(expected, within(1e-10));
        assertThat(found.figures()).containsKeys("cmc", "mmc", "umc", "cmc_positive", "umc_negative");
    }

    private static double[][][] joined(double[][][] one, double[][][] other) {
        double[][][] all = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }

    @Test
    void gradientsAreThoseOfTheWorkedExample() {
        double[][] found = crossModal("G1").run(torch, losses(1, CMC), 3).gradients()[0];
        double[] expected = {-0.0620051038, 0.0310025519, 0.1079829769, -0.0539914885};
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i / 2][i % 2]).isCloseTo(expected[i], within(1e-10));
        }
    }

    @Test
    void cosinesOfPositivesAndOfTheOtherCandidatesAreTold() {
        Found found = crossModal("G1").run(torch, losses(1, CMC), 3);
        assertThat(found.figures().get("cmc_positive")).isCloseTo(0.8, within(EXACT));
        assertThat(found.figures().get("cmc_negative")).isCloseTo((0 + 0.96) / 2, within(EXACT));
    }

    /** Every combination of options, with ragged queues, other keys of a study and free slots. */
    @Test
    void everyOptionAgreesWithTheOracle() {
        RandomGenerator random = new SplittableRandom(5);
        int compared = 0;
        for (boolean inBatch : List.of(true, false)) {
            for (SameStudyKeys same : SameStudyKeys.values()) {
                for (boolean mask : List.of(true, false)) {
                    for (MmcForm form : MmcForm.values()) {
                        for (MmcAnchor anchor : MmcAnchor.values()) {
                            for (Fusion fusion : Fusion.values()) {
                                if (form == MmcForm.QUEUE_LABEL
                                        && fusion == Fusion.CONCAT
                                        && anchor == MmcAnchor.PER_MODALITY) {
                                    continue;
                                }
                                LossSpec spec = new LossSpec(0.3, 0.2, inBatch, same, mask, form, anchor, false);
                                for (boolean isUni : List.of(true, false)) {
                                    check(drawn(random, 4, compared % 6, isUni, fusion), spec, fusion, isUni);
                                    compared++;
                                }
                            }
                        }
                    }
                }
            }
        }
        assertThat(compared).isEqualTo(2 * 2 * 2 * 7 * 2);
    }

    private static void check(LossRun run, LossSpec spec, Fusion fusion, boolean isUni) {
        LossWeights weights = new LossWeights(0.7, 1.3, 0.4);
        Found found = run.run(torch, new SenseLosses(spec, weights, fusion, isUni), 6);
        LossOracle oracle = new LossOracle(run, spec, fusion);
        int uni = isUni ? 2 : 0;
        assertThat(found.figures().get("cmc")).as("%s", spec).isCloseTo(oracle.crossModal(), within(EXACT));
        assertThat(found.figures().get("mmc")).as("%s %s", spec, fusion).isCloseTo(oracle.multiModal(), within(EXACT));
        assertThat(found.figures().get("umc")).as("%s", spec).isCloseTo(oracle.uniModal(uni, uni), within(EXACT));
        assertThat(found.total())
                .isCloseTo(
                        0.7 * oracle.crossModal() + 1.3 * oracle.multiModal() + 0.4 * oracle.uniModal(uni, uni),
                        within(EXACT));
    }

    /** Unit vectors; the last study of the batch stands in it twice, and two studies of it in the queue too. */
    private static LossRun drawn(RandomGenerator random, int size, int filled, boolean isUni, Fusion fusion) {
        int spaces = isUni ? 4 : 2;
        int dim = 3;
        LossRun run = new LossRun();
        run.vectors = draw(spaces, () -> rows(random, size, dim));
        run.keys = draw(spaces, () -> rows(random, size, dim));
        run.queues = draw(spaces, () -> rows(random, filled, dim));
        run.studies = LongStream.range(0, size).map(i -> Math.min(i, size - 2)).toArray();
        run.queued = LongStream.range(0, filled).map(i -> i < 2 ? i : 10 + i).toArray();
        run.labels = LongStream.range(0, 20).map(i -> random.nextInt(3)).toArray();
        int width = fusion == Fusion.CONCAT ? 2 * dim : dim;
        run.centroids = rows(random, 3, width);
        run.phi = new double[] {0.2, 0.1, 0.4};
        run.fused = rows(random, filled, width);
        run.fusedLabels = LongStream.range(0, filled).map(i -> i % 3).toArray();
        return run;
    }

    private static double[][][] draw(int spaces, Supplier<double[][]> rows) {
        return IntStream.range(0, spaces).mapToObj(space -> rows.get()).toArray(double[][][]::new);
    }

    private static double[][] rows(RandomGenerator random, int count, int width) {
        return IntStream.range(0, count)
                .mapToObj(row -> LossOracle.unit(random.doubles(width, -1, 1).toArray()))
                .toArray(double[][]::new);
    }

    private static SenseLosses losses(double tau, LossWeights weights) {
        return new SenseLosses(spec(tau, 1, MmcForm.PROTO, MmcAnchor.PER_MODALITY), weights, Fusion.MEAN, false);
    }

    private static LossSpec spec(double tau, double tauPrototype, MmcForm form, MmcAnchor anchor) {
        return new LossSpec(tau, tauPrototype, true, SameStudyKeys.DROP, false, form, anchor, false);
    }

    private static final SenseLosses ALL = new SenseLosses(
            spec(0.3, 0.2, MmcForm.PROTO, MmcAnchor.PER_MODALITY), new LossWeights(0.7, 1.3, 0.4), Fusion.MEAN, true);

    private static LossRun drawn() {
        return drawn(new SplittableRandom(5), 4, 3, true, Fusion.MEAN);
    }

    @Test
    void theOrderOfABatchChangesNothing() {
        LossRun run = drawn();
        double before = run.run(torch, ALL, 5).total();
        int[] order = {2, 0, 3, 1};
        run.vectors = map(run.vectors, rows -> permuted(rows, order));
        run.keys = map(run.keys, rows -> permuted(rows, order));
        long[] studies = run.studies;
        run.studies = Arrays.stream(order).mapToLong(i -> studies[i]).toArray();
        assertThat(run.run(torch, ALL, 5).total()).isCloseTo(before, within(EXACT));
    }

    @Test
    void imagesAndReportsPlayTheSameRole() {
        LossRun run = drawn();
        double before = run.run(torch, ALL, 5).total();
        int[] swapped = {1, 0, 3, 2};
        for (List<double[][][]> each : List.of(List.of(run.vectors, run.keys, run.queues))) {
            run.vectors = permuted(each.get(0), swapped);
            run.keys = permuted(each.get(1), swapped);
            run.queues = permuted(each.get(2), swapped);
        }
        assertThat(run.run(torch, ALL, 5).total()).isCloseTo(before, within(EXACT));
    }

    @Test
    void oneRotationOfASpaceChangesNothing() {
        LossRun run = drawn();
        double before = run.run(torch, ALL, 5).total();
        run.vectors = map(run.vectors, TestSenseLosses::rotated);
        run.keys = map(run.keys, TestSenseLosses::rotated);
        run.queues = map(run.queues, TestSenseLosses::rotated);
        run.centroids = rotated(run.centroids);
        assertThat(run.run(torch, ALL, 5).total()).isCloseTo(before, within(EXACT));
    }

    private static double[][] rotated(double[][] rows) {
        double cos = 0.28;
        double sin = 0.96;
        return Arrays.stream(rows)
                .map(x -> new double[] {cos * x[0] - sin * x[1], sin * x[0] + cos * x[1], x[2]})
                .toArray(double[][]::new);
    }

    @Test
    void equalKeysGiveTheLogarithmOfTheirNumber() {
        LossRun run = drawn();
        double[] one = {0, 0, 1};
        run.studies = new long[] {0, 1, 2, 3};
        run.queued = new long[] {5, 6, 7};
        run.keys = map(run.keys, rows -> filled(rows, one));
        run.queues = map(run.queues, rows -> filled(rows, one));
        run.centroids = filled(run.centroids, one);
        run.phi = new double[] {0.2, 0.2, 0.2};
        Found found = run.run(torch, ALL, 5);
        assertThat(found.figures().get("cmc")).isCloseTo(Math.log(7), within(EXACT));
        assertThat(found.figures().get("umc")).isCloseTo(Math.log(7), within(EXACT));
        assertThat(found.figures().get("mmc")).isCloseTo(Math.log(3), within(EXACT));
    }

    @Test
    void aFurtherCandidateLowersNoLossAndAMaskedOneRaisesNone() {
        LossRun run = drawn();
        run.studies = new long[] {0, 1, 2, 3};
        run.queued = new long[] {5, 6, 7};
        double with = run.run(torch, losses(0.3, CMC), 5).total();
        run.queued = new long[] {5, 6, 0};
        double masked = run.run(torch, losses(0.3, CMC), 5).total();
        run.queued = new long[] {5, 6};
        run.queues = map(run.queues, rows -> Arrays.copyOf(rows, 2));
        double without = run.run(torch, losses(0.3, CMC), 5).total();
        assertThat(masked).isLessThanOrEqualTo(with);
        assertThat(without).isLessThan(with).isGreaterThan(0);
    }

    /** sense.md 3d: 4.747e-6 and 27.742 for 2,304 candidates and tau 0.1. */
    @Test
    void theLossStaysWithinItsBounds() {
        LossRun run = new LossRun();
        double[][] anchors = filled(new double[256][], new double[] {1, 0});
        run.vectors = new double[][][] {anchors, anchors};
        run.keys = new double[][][] {anchors, anchors};
        double[][] away = filled(new double[2048][], new double[] {-1, 0});
        run.queues = new double[][][] {away, away};
        run.studies = LongStream.range(0, 256).toArray();
        run.queued = LongStream.range(1000, 3048).toArray();
        LossSpec alone =
                new LossSpec(0.1, 0.1, true, SameStudyKeys.DROP, false, MmcForm.PROTO, MmcAnchor.PER_MODALITY, false);
        run.keys = new double[][][] {filled(new double[256][], new double[] {-1, 0}), run.keys[1]};
        run.queues = new double[][][] {filled(new double[2048][], new double[] {1, 0}), run.queues[1]};
        SenseLosses cmc = new SenseLosses(alone, CMC, Fusion.MEAN, false);
        double most = Math.log(2303 * Math.exp(10) + Math.exp(-10)) + 10;
        double least = Math.log(Math.exp(10) + 2303 * Math.exp(-10)) - 10;
        assertThat(most).isCloseTo(27.742, within(1e-3));
        assertThat(least).isCloseTo(4.747e-6, within(1e-9));
        assertThat(run.run(torch, cmc, 2048).total()).isBetween(least, most);
    }

    @Test
    void withoutAQueueItIsTheContrastWithinTheBatch() {
        LossRun run = drawn();
        run.studies = new long[] {0, 1, 2, 3};
        run.keys = run.vectors;
        run.queued = new long[0];
        run.queues = map(run.queues, rows -> NONE);
        double both = 0;
        for (int i = 0; i < 4; i++) {
            for (int side = 0; side < 2; side++) {
                double sum = 0;
                for (int j = 0; j < 4; j++) {
                    sum += Math.exp(LossOracle.dot(run.vectors[side][i], run.vectors[1 - side][j]) / 0.3);
                }
                both += Math.log(sum) - LossOracle.dot(run.vectors[0][i], run.vectors[1][i]) / 0.3;
            }
        }
        assertThat(run.run(torch, losses(0.3, CMC), 4).total()).isCloseTo(both / 8, within(EXACT));
    }

    @Test
    void centroidsThatAreTheKeysGiveTheCrossModalLoss() {
        LossRun run = example(ZV, ZT, ZV, ZT);
        run.studies = new long[] {0, 1};
        run.labels = new long[] {0, 1};
        run.centroids = ZT;
        run.phi = new double[] {1, 1};
        run.vectors = new double[][][] {ZV, ZV};
        double prototypes = run.run(torch, losses(1, MMC), 2).total();
        assertThat(prototypes).isCloseTo((0.3711006659 + 0.7763437730) / 2, within(1e-9));
    }

    @Test
    void oneClusterGivesNothingAndTheirNumbersDoNotMatter() {
        LossRun run = drawn();
        double before = run.run(torch, losses(0.3, MMC), 5).total();
        int[] order = {2, 0, 1}; // new number -> old one
        run.centroids = permuted(run.centroids, order);
        double[] phi = run.phi;
        run.phi = Arrays.stream(order).mapToDouble(i -> phi[i]).toArray();
        run.labels = Arrays.stream(run.labels)
                .map(old -> IntStream.range(0, 3)
                        .filter(i -> order[i] == old)
                        .findFirst()
                        .orElseThrow())
                .toArray();
        assertThat(run.run(torch, losses(0.3, MMC), 5).total()).isCloseTo(before, within(EXACT));
        run.centroids = new double[][] {run.centroids[0]};
        run.phi = new double[] {0.2};
        run.labels = new long[20];
        assertThat(run.run(torch, losses(0.3, MMC), 5).total()).isCloseTo(0, within(EXACT));
    }

    @Test
    void eachLossReachesTheVectorsOfItsOwnProjectorsAlone() {
        LossRun run = drawn();
        double[][][] all = run.vectors;
        run.vectors = Arrays.copyOfRange(all, 2, 4);
        assertThat(zeros(run.run(torch, own(UMC, 2), 5))).containsExactly(false, false);
        run.vectors = Arrays.copyOf(all, 2);
        assertThat(zeros(run.run(torch, own(CMC, 2), 5))).containsExactly(false, false);
        // Shared projectors: S-UMC reads those of S-CMC.
        assertThat(zeros(run.run(torch, losses(0.3, UMC), 5))).containsExactly(false, false);
        run.vectors = all;
        assertThat(zeros(run.run(torch, own(new LossWeights(1, 0, 1), 4), 5)))
                .containsExactly(false, false, false, false);
    }

    private static SenseLosses own(LossWeights weights, int read) {
        SenseLosses losses =
                new SenseLosses(spec(0.3, 1, MmcForm.PROTO, MmcAnchor.PER_MODALITY), weights, Fusion.MEAN, true);
        assertThat((losses.readsCross() ? 2 : 0) + (losses.readsUni() ? 2 : 0)).isEqualTo(read);
        return losses;
    }

    private static List<Boolean> zeros(Found found) {
        return Arrays.stream(found.gradients())
                .map(rows ->
                        Arrays.stream(rows).allMatch(row -> Arrays.stream(row).allMatch(value -> value == 0)))
                .toList();
    }

    @Test
    void lossAndGradientsAreTheSumsByWeight() {
        LossRun run = drawn();
        Found all = run.run(torch, ALL, 5);
        List<Found> parts = new ArrayList<>();
        for (LossWeights weights : List.of(
                new LossWeights(1, 1e-30, 1e-30), new LossWeights(1e-30, 1, 1e-30), new LossWeights(1e-30, 1e-30, 1))) {
            parts.add(run.run(torch, new SenseLosses(ALL.spec(), weights, Fusion.MEAN, true), 5));
        }
        double[] weights = {0.7, 1.3, 0.4};
        double total = 0;
        for (int part = 0; part < 3; part++) {
            total += weights[part] * parts.get(part).total();
        }
        assertThat(all.total()).isCloseTo(total, within(EXACT));
        for (int space = 0; space < 4; space++) {
            for (int row = 0; row < 4; row++) {
                for (int d = 0; d < 3; d++) {
                    double sum = 0;
                    for (int part = 0; part < 3; part++) {
                        sum += weights[part] * parts.get(part).gradients()[space][row][d];
                    }
                    assertThat(all.gradients()[space][row][d]).isCloseTo(sum, within(EXACT));
                }
            }
        }
    }

    private static double[][] filled(double[][] rows, double[] one) {
        return Arrays.stream(rows).map(row -> one).toArray(double[][]::new);
    }

    private static <T> T[] permuted(T[] rows, int[] order) {
        T[] other = rows.clone();
        for (int i = 0; i < order.length; i++) {
            other[i] = rows[order[i]];
        }
        return other;
    }

    private static double[][][] map(double[][][] all, UnaryOperator<double[][]> change) {
        return Arrays.stream(all).map(change).toArray(double[][][]::new);
    }
}
