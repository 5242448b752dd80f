package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

class TestLinearAssignment {
    /** Anchor 8 of prior.md 9. */
    @Test
    void queriesAndTargetsAreInversesOfEachOther() {
        double[] costs = {
            9, 9, 9, 1, //
            9, 1, 9, 9, //
            1, 9, 9, 9, //
            9, 9, 1, 9
        };
        assertThat(new LinearAssignment(4).solve(costs, 0)).containsExactly(2, 1, 3, 0); // of pi = (3, 1, 0, 2)
    }

    @Test
    void noMatchingIsCheaper() {
        RandomStream random = Seeds.stream("assignment");
        for (int n = 1; n <= 6; n++) {
            LinearAssignment assignment = new LinearAssignment(n);
            for (int round = 0; round < 50; round++) {
                double[] costs = new double[2 * n * n];
                for (int i = 0; i < costs.length; i++) {
                    // Every third round has many equal costs, which no float makes different.
                    costs[i] = round % 3 == 0 ? random.bounded(3) : random.nextGaussian();
                }
                for (int matrix = 0; matrix < 2; matrix++) {
                    long[] rows = assignment.solve(costs, matrix);
                    assertThat(rows).hasSize(n).doesNotHaveDuplicates();
                    double cost = 0;
                    for (int column = 0; column < n; column++) {
                        cost += costs[matrix * n * n + (int) rows[column] * n + column];
                    }
                    assertThat(cost).isCloseTo(cheapest(costs, matrix * n * n, n, 0, 0), within(1e-12));
                }
            }
        }
    }

    /** The least cost over all permutations. */
    static double cheapest(double[] costs, int offset, int n, int row, int taken) {
        if (row == n) {
            return 0;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int column = 0; column < n; column++) {
            if ((taken & 1 << column) == 0) {
                least = Math.min(
                        least,
                        costs[offset + row * n + column] + cheapest(costs, offset, n, row + 1, taken | 1 << column));
            }
        }
        return least;
    }

    /** Costs and the row of each column, from numpy.argsort(scipy.optimize.linear_sum_assignment(c)[1]), SciPy 1.17. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 1 1 1 2 0 0 0 2 5 5 5 4 2 2 2|2 0 1 3",
                "2 2 0 2 1 1 1 0 2|2 1 0",
                "0 0 1 1 1 0 0 0 0 0 2 0 1 2 0 0|0 1 3 2",
                "1 0 2 0 2 2 2 0 1 1 1 1 2 1 0 2 1 2 0 1 2 0 0 1 2|0 4 1 3 2",
                "0 2 1 0 1 2 2 2 0 0 2 2 2 0 0 1 1 1 2 0 1 0 0 2 0|0 4 3 1 2",
                "0 0 0 0 2 1 1 0 2 2 0 0 0 0 2 1 1 0 1 2 0 2 0 0 2 2 0 2 2 1 1 2 2 2 1 0|2 1 4 0 3 5",
                "2 0 1 2 0 0 2 0 2 2 2 1 1 2 0 1 1 1 0 0 2 2 1 2 1 0 2 0 0 0 1 0 2 2 1 0|3 1 2 4 0 5",
                "2 0 1 0 2 2 2 1 2 1 2 0 0 1 2 1 2 2 1 1 1 1 1 1 2 2 0 1 1 0 0 2 1 1 1 1|2 0 4 3 5 1",
            })
    void equalCostsAreMatchedAsInSciPy(String costs, String expected) {
        double[] values =
                Arrays.stream(costs.split(" ")).mapToDouble(Double::parseDouble).toArray();
        long[] rows =
                Arrays.stream(expected.split(" ")).mapToLong(Long::parseLong).toArray();
        assertThat(new LinearAssignment(rows.length).solve(values, 0)).containsExactly(rows);
    }

    @Test
    void costsThatAreNotFiniteLeaveEachRowItsOwnColumn() {
        assertThat(new LinearAssignment(2).solve(new double[] {5, 1, Double.NaN, 5}, 0))
                .containsExactly(0, 1);
    }
}
