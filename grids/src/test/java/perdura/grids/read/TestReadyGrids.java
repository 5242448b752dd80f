package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TrialSpec;

class TestReadyGrids {
    /** prior.md 4.2, Table 1: data set, ratio, learning rate, epochs, batch. */
    private static final List<String> TABLE_1 = List.of(
            "rsna 1.0 1.0E-4 5 64",
            "rsna 0.1 1.0E-4 5 64",
            "rsna 0.01 1.0E-4 10 64",
            "siim 1.0 1.0E-5 5 64",
            "siim 0.1 1.0E-5 20 64",
            "siim 0.01 1.0E-4 20 64",
            "chexpert 1.0 1.0E-6 5 256",
            "chexpert 0.1 1.0E-5 5 256",
            "chexpert 0.01 1.0E-4 5 256");

    @Test
    void tableOneOfPriorHasItsNineRowsAndFiveSeeds() {
        SweepExpansion sweep = read("prior-table-1");
        assertThat(points(sweep).stream().map(TestReadyGrids::row)).containsExactlyElementsOf(TABLE_1);
        assertThat(sweep.spec().points().seeds()).containsExactly(114514L, 114515L, 114516L, 114517L, 114518L);
        List<TrialSpec> trials = new ArrayList<>();
        sweep.trials().forEachRemaining(trials::add);
        assertThat(trials).hasSize(45).doesNotHaveDuplicates().allSatisfy(trial -> {
            assertThat(trial.parameters().value("optimizer.weightDecay")).isEqualTo(1e-6);
            assertThat(trial.parameters().value("optimizer.algorithm")).isEqualTo("adam");
        });
    }

    @Test
    void itsSearchGoesAroundTheTable() {
        SweepExpansion sweep = read("prior-table-1-search");
        assertThat(points(sweep).stream().map(TestReadyGrids::row)).containsAll(TABLE_1);
        assertThat(sweep.matrixPoints()).isEqualTo(2 * 3 * 4 * 3 + 3 * 4 * 3 * 3);
        assertThat(sweep.countPoints()).isEqualTo(160);
    }

    @Test
    void theProbesOfSenseHaveThreeFractionsAndThreeSeeds() {
        SweepExpansion sweep = read("sense-linear-probe", "base.encoder=sense-1");
        assertThat(points(sweep).stream().map(point -> point.value("encoder") + " " + row(point)))
                .containsExactly(
                        "sense-1 chexpert 0.01 1.0E-4 50 64",
                        "sense-1 chexpert 0.1 1.0E-4 50 64",
                        "sense-1 chexpert 1.0 1.0E-4 50 64",
                        "sense-1 rsna 0.01 1.0E-4 50 64",
                        "sense-1 rsna 0.1 1.0E-4 50 64",
                        "sense-1 rsna 1.0 1.0E-4 50 64");
        assertThat(sweep.spec().points().seeds()).hasSize(3);
        assertThat(points(sweep))
                .allSatisfy(point -> assertThat(point.nested().toString())
                        .contains("optimizer={beta1=0.5, beta2=0.999, weightDecay=1.0E-6}, plateau={factor=0.5,"
                                + " patience=5}"));
    }

    /** A page of small runs has the rows of the whole one, as far as a small set has the labels for them. */
    @Test
    void theSmallTablesHaveTheSetsOfTheWholeOnes() {
        assertThat(points(read("prior-table-1-small")).stream()
                        .map(point -> point.value("dataset") + " " + point.value("fraction")))
                .containsExactly("rsna 1.0", "rsna 0.1", "siim 1.0", "siim 0.1", "chexpert 1.0", "chexpert 0.1");
        assertThat(points(read("sense-linear-probe-small")).stream()
                        .map(point -> point.value("dataset") + " " + point.value("fraction")))
                .containsExactly("chexpert 0.1", "chexpert 1.0", "rsna 0.1", "rsna 1.0");
    }

    @Test
    void aModelOfSenseIsAskedOnce() {
        for (String name : List.of("sense-retrieval", "sense-zero-shot")) {
            SweepExpansion sweep = read(name, "base.encoder=sense-2@best");
            assertThat(points(sweep))
                    .hasSize(1)
                    .allSatisfy(point -> assertThat(point.value("encoder")).isEqualTo("sense-2@best"));
            assertThat(sweep.spec().points().seeds()).hasSize(1);
        }
    }

    @Test
    void theirSearchBeginsWithTheProbe() {
        SweepExpansion sweep = read("sense-linear-probe-search");
        assertThat(row(points(sweep).get(0))).isEqualTo("rsna 0.1 1.0E-4 50 64");
        assertThat(sweep.matrixPoints()).isEqualTo(7 * 3 * 2 * 3);
        assertThat(points(sweep)).hasSize(33);
    }

    @Test
    void theSearchOfAPretrainingHasEveryCombinationWithThreeProbes() {
        SweepExpansion sweep = read("prior-pretrain-search");
        assertThat(points(sweep)).hasSize(18).allSatisfy(point -> {
            assertThat(point.value("downstream.task")).isEqualTo("linear-probe");
            assertThat(point.value("downstream.fraction")).isEqualTo(0.1);
        });
        assertThat(sweep.spec().points().seeds()).hasSize(3);
    }

    @Test
    void tableThreeOfPriorIsTwoPretrainingsJudgedFiveTimesEach() {
        SweepExpansion sweep = read("prior-table-3");
        assertThat(points(sweep).stream().map(point -> point.value("pretrain.model.lamActivation")))
                .containsExactly("sigmoid", "softmax");
        assertThat(points(sweep)).allSatisfy(point -> {
            assertThat(point.value("downstream.task")).isEqualTo("supervised-classification");
            assertThat(point.value("downstream.dataset")).isEqualTo("chexpert");
            assertThat(point.value("downstream.fraction")).isEqualTo(0.01);
            assertThat(point.value("downstream.learningRate")).isEqualTo(1e-4);
            assertThat(point.value("pretrain.profile")).isEqualTo("paper");
        });
        assertThat(sweep.spec().points().seeds()).hasSize(5);
    }

    @Test
    void zeroShotAndRetrievalHaveTheFiveSamplingsOfThePaper() {
        SweepExpansion zeroShot = read("prior-zero-shot", "base.encoder=prior-1@3");
        assertThat(points(zeroShot).stream().map(point -> point.value("dataset") + " " + point.value("scale")))
                .containsExactly("chexpert-5x200 log", "chexpert-5x200 exp", "chexpert log", "chexpert exp");
        SweepExpansion retrieval = read("prior-retrieval", "base.encoder=prior-1@3");
        assertThat(points(retrieval).stream()
                        .map(point -> point.value("scale") + " " + point.value("perClass") + " "
                                + point.value("reportsPerClass")))
                .containsExactly("log 200 1000", "exp 200 1000");
        for (SweepExpansion sweep : List.of(zeroShot, retrieval)) {
            assertThat(sweep.spec().points().seeds()).containsExactly(114514L, 114515L, 114516L, 114517L, 114518L);
        }
    }

    /** sense.md 5: the ablations A1 to A5, three pre-trainings at each point and one retrieval of each. */
    @ParameterizedTest
    @CsvSource({
        "sense-queue-length, pretrain.queueLength, 256 512 1024 2048 4096 8192, 18",
        "sense-queue-length-small, pretrain.queueLength, 32 64 128 256 512, 15",
        "sense-clusters, pretrain.clusters.count, 1000 5000 10000 12500 15000 20000, 18",
        "sense-clusters-small, pretrain.clusters.count, 5 25 50 62 75 100, 18",
        "sense-uni-projectors, pretrain.model.uniProjectors, false true, 6",
        "sense-uni-projectors-small, pretrain.model.uniProjectors, false true, 6",
        "sense-pooling, pretrain.model.pooling, max max-max, 6",
        "sense-pooling-small, pretrain.model.pooling, max max-max, 6",
        "sense-losses, pretrain.lossWeights.mmc, 0.0 1.0, 12",
        "sense-losses-small, pretrain.lossWeights.umc, 0.0 1.0, 12"
    })
    void anAblationOfSenseIsThreePretrainingsAtEachPoint(String name, String path, String values, int trials) {
        SweepExpansion sweep = read(name);
        List<Parameters> points = points(sweep);
        assertThat(points.stream()
                        .map(point -> String.valueOf(point.value(path)))
                        .distinct())
                .containsExactly(values.split(" ", -1));
        assertThat(points.stream().map(point -> point.value("pretrain.seed")).distinct())
                .hasSize(3);
        List<TrialSpec> all = new ArrayList<>();
        sweep.trials().forEachRemaining(all::add);
        assertThat(all).hasSize(trials).doesNotHaveDuplicates();
        boolean isCmcAlone = name.contains("queue") || name.contains("pooling");
        assertThat(points).allSatisfy(point -> {
            assertThat(point.value("downstream.task")).isEqualTo("pair-retrieval");
            assertThat(point.value("pretrain.method")).isEqualTo("sense");
            assertThat(point.value("pretrain.profile")).isEqualTo(name.endsWith("-small") ? "small" : "paper");
            if (isCmcAlone) {
                assertThat(point.value("pretrain.lossWeights.mmc")).isEqualTo(0.0);
                assertThat(point.value("pretrain.lossWeights.umc")).isEqualTo(0.0);
            }
            if (name.contains("queue")) {
                assertThat(point.value("pretrain.model.pooling")).isEqualTo("max");
            }
        });
    }

    @Test
    void anUnknownGridIsNamed() {
        assertThatThrownBy(() -> ReadyGrids.text("prior-table1"))
                .hasMessage("there is no ready grid 'prior-table1'; did you mean 'prior-table-1'?");
    }

    private static String row(Parameters point) {
        return point.value("dataset") + " " + point.value("fraction") + " " + point.value("learningRate") + " "
                + point.value("epochs") + " " + point.value("batchSize");
    }

    private static List<Parameters> points(SweepExpansion sweep) {
        List<Parameters> points = new ArrayList<>();
        sweep.points().forEachRemaining(points::add);
        return points;
    }

    private static SweepExpansion read(String name, String... settings) {
        return ReadyGrids.read(
                name, List.of(settings), KnownTasks.ALL, ReferenceNames.unchecked(), SweepReader.MOST_TRIALS);
    }
}
