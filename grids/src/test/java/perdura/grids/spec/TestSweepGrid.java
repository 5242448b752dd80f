package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.SweepSpec.SweepAxis;

class TestSweepGrid {
    @Test
    void theLastAxisVariesFastest() {
        SweepGrid grid = new SweepGrid(List.of(axis("a", 2), axis("b", 3)));
        assertThat(points(grid)).containsExactly("00", "01", "02", "10", "11", "12");
    }

    @Test
    void noAxesAreOnePoint() {
        assertThat(points(new SweepGrid(List.of()))).containsExactly("");
    }

    @Test
    void anAxisTakesPartWhereAllItsConditionsHold() {
        SweepGrid grid = new SweepGrid(List.of(
                axis("c", 2, Map.of("a", List.of(1L), "b", List.of(0L))), axis("a", 2), axis("b", 2), axis("d", 2)));
        assertThat(points(grid))
                .containsExactly("-000", "-001", "-010", "-011", "0100", "0101", "1100", "1101", "-110", "-111");
    }

    @Test
    void conditionsReachOverAxesThatTakeNoPart() {
        SweepGrid grid = new SweepGrid(
                List.of(axis("c", 2, Map.of("b", List.of(1L))), axis("b", 2, Map.of("a", List.of(1L))), axis("a", 2)));
        assertThat(points(grid)).containsExactly("--0", "-01", "011", "111");
    }

    @Test
    void aPointLeadsBackToItsNumber() {
        SweepGrid grid = new SweepGrid(List.of(
                axis("a", 3),
                axis("b", 4, Map.of("a", List.of(0L, 2L))),
                axis("c", 5, Map.of("b", List.of(3L))),
                axis("d", 2)));
        assertThat(grid.size()).isEqualTo(2 * (3 + 5) * 2 + 2);
        for (long i = 0; i < grid.size(); i++) {
            int[] point = grid.point(i);
            assertThat(grid.index(point.clone())).isEqualTo(i);
            for (int axis = 0; axis < point.length; axis++) {
                if (point[axis] == SweepGrid.ABSENT) {
                    point[axis] = 1; // does not count
                }
            }
            assertThat(grid.index(point)).isEqualTo(i);
        }
    }

    @Test
    void sizesBeyondNumbersAreKnown() {
        List<SweepAxis> axes = new ArrayList<>();
        for (int i = 0; i < 62; i++) {
            axes.add(axis("a" + i, 2));
        }
        SweepGrid greatest = new SweepGrid(axes);
        assertThat(greatest.size()).isEqualTo(1L << 62);
        assertThat(greatest.point((1L << 62) - 1)).containsOnly(1);
        axes.add(axis("one-more", 2));
        assertThat(new SweepGrid(axes).size()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        assertThatThrownBy(() -> new SweepGrid(List.of(axis("a", 2, Map.of("b", List.of(0L))))))
                .hasMessage("'when' looks at b, which is no axis");
        assertThatThrownBy(() -> new SweepGrid(
                        List.of(axis("a", 2, Map.of("b", List.of(0L))), axis("b", 2, Map.of("a", List.of(0L))))))
                .hasMessage("'when' goes in a circle through a");
    }

    private static List<String> points(SweepGrid grid) {
        List<String> points = new ArrayList<>();
        for (long i = 0; i < grid.size(); i++) {
            StringBuilder text = new StringBuilder();
            for (int position : grid.point(i)) {
                text.append(position == SweepGrid.ABSENT ? "-" : String.valueOf(position));
            }
            points.add(text.toString());
        }
        return points;
    }

    private static SweepAxis axis(String path, int size) {
        return axis(path, size, Map.of());
    }

    private static SweepAxis axis(String path, int size, Map<String, List<Object>> when) {
        List<Object> values = new ArrayList<>();
        for (long i = 0; i < size; i++) {
            values.add(i);
        }
        return new SweepAxis(path, values, when);
    }
}
