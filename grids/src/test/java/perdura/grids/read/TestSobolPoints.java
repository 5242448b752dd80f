package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import org.junit.jupiter.api.Test;

class TestSobolPoints {
    /** {@code scipy.stats.qmc.Sobol(5, scramble=False).random(8)}, SciPy 1.17.1. */
    private static final double[][] FIRST = {
        {0.0, 0.0, 0.0, 0.0, 0.0},
        {0.5, 0.5, 0.5, 0.5, 0.5},
        {0.75, 0.25, 0.25, 0.25, 0.75},
        {0.25, 0.75, 0.75, 0.75, 0.25},
        {0.375, 0.375, 0.625, 0.875, 0.375},
        {0.875, 0.875, 0.125, 0.375, 0.875},
        {0.625, 0.125, 0.875, 0.625, 0.625},
        {0.125, 0.625, 0.375, 0.125, 0.125},
    };

    @Test
    void pointsAreThoseOfSciPy() {
        Iterator<double[]> points = new SobolPoints().sequence(5);
        for (double[] expected : FIRST) {
            assertThat(points.next()).containsExactly(expected);
        }
    }

    /** {@code Sobol(40, scramble=False).random(1024)[777]}, axes 0, 1, 2, 10, 25 and 39. */
    @Test
    void soAreFarPointsOfManyDimensions() {
        Iterator<double[]> points = new SobolPoints().sequence(40);
        for (int i = 0; i < 777; i++) {
            points.next();
        }
        double[] point = points.next();
        assertThat(new double[] {point[0], point[1], point[2], point[10], point[25], point[39]})
                .containsExactly(0.6923828125, 0.9365234375, 0.1630859375, 0.7451171875, 0.1455078125, 0.3583984375);
    }
}
