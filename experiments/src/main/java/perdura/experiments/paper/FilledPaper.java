package perdura.experiments.paper;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.SweepView;
import perdura.store.Run;
import perdura.training.method.Paper;
import perdura.training.method.Paper.Start;

/**
 * A paper with what the store has for it.
 *
 * @param method its name
 * @param small whether the small variants of the ready grids fill it
 * @param pretraining that figures are drawn from, and that commands name; empty if none is finished
 * @param data what the grids call the data sets, with their digests; null for one that the store does not have
 */
public record FilledPaper(
        String method,
        Paper paper,
        boolean small,
        Optional<Pretraining> pretraining,
        Map<String, @Nullable String> data,
        List<FilledTable> tables,
        List<FilledCurve> curves) {
    public FilledPaper {
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
        tables = List.copyOf(tables);
        curves = List.copyOf(curves);
    }

    /**
     * A finished pre-training of the method.
     *
     * @param locator by which a sweep names its encoder
     * @param deviations from what the authors published
     */
    public record Pretraining(Run run, String locator, String profile, List<String> deviations) {
        public Pretraining {
            deviations = List.copyOf(deviations);
        }
    }

    /**
     * A table.
     *
     * @param grid the ready grid that fills it: the table's, or its small variant
     * @param trials that the grid has for each of its points
     */
    public record FilledTable(Paper.Table table, String grid, int trials, List<FilledRow> rows) {
        public FilledTable {
            rows = List.copyOf(rows);
        }
    }

    /**
     * A row.
     *
     * @param values of the table's rows, by path
     * @param settings by path
     * @param cells in the order of the table's starts
     */
    public record FilledRow(Map<String, String> values, Map<String, String> settings, List<FilledCell> cells) {
        public FilledRow {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
            settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
            cells = List.copyOf(cells);
        }
    }

    /**
     * The results of a row with one start of the encoder.
     *
     * @param command that fills it
     * @param found null if no sweep of the grid has such a point
     */
    public record FilledCell(
            Start start, String command, @Nullable FoundPoint found) {}

    /**
     * The point that fills a cell.
     *
     * @param candidates points that could, among which it is the one with the fewest deviations and then the best on validation data
     * @param protocol what it was measured on, and how, a line each
     * @param deviations from the ready grid, a line each
     */
    public record FoundPoint(
            SweepView view, ComparedPoint point, int candidates, List<String> protocol, List<String> deviations) {
        public FoundPoint {
            protocol = List.copyOf(protocol);
            deviations = List.copyOf(deviations);
        }
    }

    /**
     * A figure of a sweep.
     *
     * @param view the newest sweep of the grid that has results; null if there is none
     */
    public record FilledCurve(
            Paper.OfSweep drawing,
            String grid,
            String command,
            @Nullable SweepView view) {}
}
