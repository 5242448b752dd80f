package perdura.training.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.SweepExpansion;
import perdura.training.method.Paper.Measure;
import perdura.training.method.Paper.OfModel;
import perdura.training.method.Paper.OfSweep;
import perdura.training.method.Paper.Start;
import perdura.training.method.Paper.Table;
import perdura.training.tasks.Tasks;

/** The tables of the papers against the ready grids and tasks that fill them. */
class TestPapers {
    static Stream<Method> methods() {
        return Methods.load().all().stream().filter(method -> method.paper().isPresent());
    }

    static Stream<Table> tables() {
        return methods().flatMap(method -> method.paper().orElseThrow().tables().stream());
    }

    private static List<SweepExpansion> grids(String name) {
        List<SweepExpansion> grids = new ArrayList<>();
        for (String each : List.of(name, name + "-small")) {
            if (ReadyGrids.names().contains(each)) {
                grids.add(ReadyGrids.read(
                        each, List.of(), Tasks.load().schemas(), ReferenceNames.unchecked(), SweepReader.MOST_TRIALS));
            }
        }
        assertThat(grids).as(name).isNotEmpty();
        return grids;
    }

    @ParameterizedTest
    @MethodSource("tables")
    void everyRowOfATableIsOnePointOfItsGrid(Table table) {
        for (SweepExpansion grid : grids(table.grid())) {
            assertThat(grid.task().paths()).containsAll(table.rows()).containsAll(table.settings());
            assertThat(grid.task().replicates()).doesNotContainAnyElementsOf(table.rows());
            assertThat(table.starts().contains(Start.OWN))
                    .isNotEqualTo(grid.task().paths().contains("encoder"));
            Map<List<String>, Parameters> rows = new HashMap<>();
            grid.points().forEachRemaining(point -> {
                List<String> row = table.rows().stream()
                        .map(path -> String.valueOf(point.value(path)))
                        .toList();
                Parameters alone = withoutReplicates(point, grid.task().replicates());
                assertThat(rows.computeIfAbsent(row, first -> alone))
                        .as(table.grid() + " " + row)
                        .isEqualTo(alone);
            });
        }
    }

    private static Parameters withoutReplicates(Parameters point, List<String> replicates) {
        TreeMap<String, Object> values = new TreeMap<>(point.values());
        replicates.forEach(values::remove);
        return new Parameters(values);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void itsGridReportsItsMetrics(Table table) {
        for (SweepExpansion grid : grids(table.grid())) {
            for (Measure measure : table.measures()) {
                assertThat(grid.spec().objective().report())
                        .contains(measure.metric())
                        .containsAll(measure.beside().stream()
                                .filter(key -> key.startsWith("test/"))
                                .map(key -> key.substring("test/".length()))
                                .toList());
            }
        }
    }

    /** Over all images an answer that is always empty gets most of the Dice there is. */
    @ParameterizedTest
    @MethodSource("tables")
    void aDiceOverAllImagesNeverStandsWithoutThatOfTheEmptyAnswer(Table table) {
        assertThat(table.measures())
                .filteredOn(measure -> measure.metric().equals("dice"))
                .allSatisfy(measure -> assertThat(measure.beside()).contains("test/dice-empty"));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aFigureIsOneOfTheMethodOrOfAGrid(Method method) {
        method.paper().orElseThrow().drawings().forEach(drawing -> {
            if (drawing instanceof OfModel figure) {
                assertThat(method.figures()).hasSizeGreaterThanOrEqualTo(figure.number());
            } else if (drawing instanceof OfSweep curve) {
                for (SweepExpansion grid : grids(curve.grid())) {
                    assertThat(grid.task().paths()).contains(curve.over());
                    assertThat(grid.spec().objective().report()).containsAll(curve.metrics());
                }
            }
        });
    }
}
