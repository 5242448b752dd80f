package perdura.training.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.figure.TSne.Affinities;

class TestTSne {
    private static final double[][] POINTS = {
        {0, 0, 0}, {1, 0.5, 0}, {0.2, 1, 0.3}, {5, 5, 5}, {5.5, 4.8, 5.1}, {4.7, 5.6, 5.2}, {-3, 2, 8}
    };
    // sklearn 1.7: _t_sne._joint_probabilities(squareform(pdist(POINTS, "sqeuclidean")).astype(float32), perplexity, 0)
    private static final double[] AT_2 = {
        0.0702072579, 0.0712733132, 1.45237989e-07, 1.15003953e-06, 6.80795008e-07, 0.00731992663, 0.0728026045,
        1.30947696e-06, 7.98971174e-06, 4.5418388e-06, 0.00135760229, 7.42085256e-07, 6.87101233e-06, 5.176019e-06,
        0.0583821964, 0.0743851606, 0.0727529321, 0.00147100177, 0.0671204008, 0.000182988058, 0.0027160095
    };
    private static final double[] AT_3_5 = {
        0.0594436049, 0.0596741034, 0.00559110942, 0.00525081358, 0.00498328615, 0.0151161657, 0.0598440065,
        0.00752424098, 0.00717472042, 0.00662078198, 0.00617621877, 0.00725754818, 0.00670930634, 0.00664494526,
        0.0448228059, 0.0600602206, 0.059836473, 0.00648999659, 0.0586853932, 0.00313102188, 0.00896323722
    };

    @ParameterizedTest
    @CsvSource({"2", "3.5"})
    void affinitiesAreThoseOfScikitLearn(double perplexity) {
        double[] expected = perplexity == 2 ? AT_2 : AT_3_5;
        double[] affinities = new Affinities(perplexity).of(POINTS);
        assertThat(affinities).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) { // distances there are float32
            assertThat(affinities[i]).isCloseTo(expected[i], within(1e-5 * expected[i] + 1e-12));
        }
    }

    /** sklearn.manifold.TSNE(method="exact", perplexity=10) ends at 0.1398 from its components, 0.1395 to 0.1398 from chance. */
    @Test
    void theDivergenceIsThatOfScikitLearn() {
        double[][] vectors = new double[90][5];
        for (int i = 0; i < 90; i++) {
            for (int k = 0; k < 5; k++) {
                vectors[i][k] = Math.sin(1.7 * i + 0.3 * k) + (k == i % 3 ? 3 : 0);
            }
        }
        assertThat(divergence(new Affinities(10).of(vectors), TSne.map(vectors, 10)))
                .isCloseTo(0.1397, within(0.001));
    }

    @Test
    void clustersStayApart() {
        int clusters = 5;
        int each = 40;
        double[][] vectors = new double[clusters * each][20];
        RandomStream random = Seeds.stream("clusters");
        for (int i = 0; i < vectors.length; i++) {
            for (int k = 0; k < 20; k++) {
                vectors[i][k] = random.nextGaussian() + (k == i / each ? 12 : 0);
            }
        }
        double[][] places = TSne.map(vectors, 30);
        double within = 0;
        double between = Double.POSITIVE_INFINITY;
        for (int i = 0; i < places.length; i++) {
            int nearest = nearest(places, i);
            assertThat(nearest / each).as("nearest of %d", i).isEqualTo(i / each);
            for (int j = 0; j < i; j++) {
                double distance = Math.hypot(places[i][0] - places[j][0], places[i][1] - places[j][1]);
                if (i / each == j / each) {
                    within = Math.max(within, distance);
                } else {
                    between = Math.min(between, distance);
                }
            }
        }
        assertThat(between).as("the nearest points of two clusters").isGreaterThan(0.5 * within);
        assertThat(TSne.map(vectors, 30)).isDeepEqualTo(places);
    }

    @Test
    void pointsThatAreOneAreBorne() {
        double[][] places = TSne.map(new double[12][4], 3);
        assertThat(Arrays.stream(places).flatMapToDouble(Arrays::stream)).allMatch(Double::isFinite);
        double[][] pairs = new double[12][4];
        for (int i = 0; i < 12; i++) {
            pairs[i][0] = i - i % 2;
        }
        assertThat(Arrays.stream(TSne.map(pairs, 3)).flatMapToDouble(Arrays::stream))
                .allMatch(Double::isFinite);
    }

    @Test
    void moreNeighboursThanPointsAreRefused() {
        assertThatThrownBy(() -> TSne.map(POINTS, 7))
                .hasMessageContainingAll("perplexity", "2 points", "was 7 and 7.0");
    }

    private static int nearest(double[][] places, int point) {
        int nearest = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < places.length; j++) {
            double distance = Math.hypot(places[point][0] - places[j][0], places[point][1] - places[j][1]);
            if (j != point && distance < least) {
                least = distance;
                nearest = j;
            }
        }
        return nearest;
    }

    /** Kullback-Leibler, over both directions of each pair. */
    private static double divergence(double[] affinities, double[][] places) {
        double[] close = new double[affinities.length];
        int pair = 0;
        for (int i = 0; i < places.length; i++) {
            for (int j = i + 1; j < places.length; j++) {
                double x = places[i][0] - places[j][0];
                double y = places[i][1] - places[j][1];
                close[pair++] = 1 / (1 + x * x + y * y);
            }
        }
        double sum = 2 * Arrays.stream(close).sum();
        double divergence = 0;
        for (int i = 0; i < close.length; i++) {
            divergence += 2 * affinities[i] * Math.log(affinities[i] / (close[i] / sum));
        }
        return divergence;
    }
}
