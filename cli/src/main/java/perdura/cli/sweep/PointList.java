package perdura.cli.sweep;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.cli.words.Table;
import perdura.experiments.compare.ParameterTexts;
import perdura.experiments.plan.TrialMaker;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.SweepExpansion;

/**
 * The points of a sweep, in its order.
 *
 * @param paths of the parameters that differ
 */
public record PointList(List<String> paths, List<Point> points) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public PointList {
        paths = List.copyOf(paths);
        points = List.copyOf(points);
    }

    /**
     * One of them.
     *
     * @param number from 1
     * @param parameters those that differ, as text
     */
    public record Point(int number, Map<String, String> parameters) {}

    public static PointList of(SweepExpansion expansion) {
        Set<String> paths = new TrialMaker.Labels(expansion.spec()).varying();
        List<Point> points = new ArrayList<>();
        for (Iterator<Parameters> all = expansion.points(); all.hasNext(); ) {
            Map<String, String> texts =
                    ParameterTexts.of(JSON.valueToTree(all.next().nested()));
            Map<String, String> own = new LinkedHashMap<>();
            paths.forEach(path -> own.put(path, texts.getOrDefault(path, "-")));
            points.add(new Point(points.size() + 1, own));
        }
        return new PointList(List.copyOf(paths), points);
    }

    /** A line each. */
    public String table() {
        List<String> header = new ArrayList<>(List.of("#"));
        header.addAll(paths);
        Table table = new Table(header.toArray(String[]::new));
        for (Point point : points) {
            List<Object> cells = new ArrayList<>(List.of(point.number()));
            cells.addAll(point.parameters().values());
            table.row(cells.toArray());
        }
        return table.toString();
    }
}
