package perdura.training.method;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the paper of a method reports, table by table and figure by figure, and which ready grid fills each: data from which a page is made.
 * Where a ready grid has a variant {@code -small}, the same description fills a page of small runs.
 *
 * @param title of the paper, with its authors and place
 * @param source where the project's specification of the method says what is verified of the paper's results
 * @param dataset name by which the ready grids call the data set that the method learns from
 */
public record Paper(String title, String source, String dataset, List<Table> tables, List<Drawing> drawings) {
    public Paper {
        tables = List.copyOf(tables);
        drawings = List.copyOf(drawings);
    }

    /** What the encoder of a trial begins with. */
    public enum Start {
        /** First values that are a function of the seed. */
        RANDOM("random encoder"),
        /** A pre-training by the method, which the trial names. */
        PRETRAINED("pre-trained"),
        /** A pre-training that the trial itself describes. */
        OWN("");

        private final String label;

        Start(String label) {
            this.label = label;
        }

        /** For people; empty where there is no other. */
        public String label() {
            return label;
        }
    }

    /**
     * A table: a row for each point of a ready grid, aside from what repeats a trial, and for each start of the encoder the measures.
     *
     * @param name as the paper calls it: {@code Table 1}
     * @param grid the ready grid that fills it
     * @param rows parameters whose values make a row, in order
     * @param settings parameters that are told with a row
     * @param published what the paper reports, as far as it is verified
     * @param notes for readers, a sentence or two each
     */
    public record Table(
            String name,
            String title,
            String grid,
            List<Start> starts,
            List<String> rows,
            List<String> settings,
            List<Measure> measures,
            List<Published> published,
            List<String> notes) {
        public Table {
            starts = List.copyOf(starts);
            rows = List.copyOf(rows);
            settings = List.copyOf(settings);
            measures = List.copyOf(measures);
            published = List.copyOf(published);
            notes = List.copyOf(notes);
        }
    }

    /**
     * A metric of test data.
     *
     * @param metric without a prefix
     * @param beside keys of what stands with it, {@code test/dice-empty} or {@code baseline/nearest-image/dice}: what answers that need no
     *     learning come to
     */
    public record Measure(String metric, String label, List<String> beside) {
        public Measure {
            beside = List.copyOf(beside);
        }

        /** Its key, and those beside it. */
        public List<String> keys() {
            List<String> keys = new ArrayList<>(beside);
            keys.add(0, "test/" + metric);
            return keys;
        }

        /** A metric that stands alone. */
        public static Measure of(String metric, String label) {
            return new Measure(metric, label, List.of());
        }
    }

    /**
     * A result that the paper reports and that the method's specification marks as verified. No other may stand here: what is only
     * remembered or was read in somebody else's list is not the paper's result.
     *
     * @param row values of the table's rows, by path
     * @param metric of test data, without a prefix
     * @param mean as a share of 1
     * @param std over the paper's repetitions, as a share of 1; null if it tells none
     * @param note where it stands, and what about it is inferred
     */
    public record Published(
            Map<String, String> row,
            Start start,
            String metric,
            double mean,
            @Nullable Double std,
            String note) {
        public Published {
            row = Collections.unmodifiableMap(new LinkedHashMap<>(row));
        }
    }

    /** A figure of the paper. */
    public sealed interface Drawing {
        /** As the paper calls it: {@code Figure 1}. */
        String name();

        String title();
    }

    /**
     * A figure of the method's models.
     *
     * @param number its place among {@link Method#figures}, from 1
     */
    public record OfModel(String name, String title, int number) implements Drawing {}

    /**
     * A curve of a sweep's results over one parameter.
     *
     * @param grid the ready grid that fills it
     * @param over path of the parameter
     * @param metrics of test data, without a prefix
     */
    public record OfSweep(String name, String title, String grid, String over, List<String> metrics)
            implements Drawing {
        public OfSweep {
            metrics = List.copyOf(metrics);
        }
    }
}
