package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.Mentions;
import perdura.datasets.split.chexpert.Mentions.Mention;
import perdura.datasets.split.totals.Counted;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;

/** Knows how one data set lies on disk: reads its tables once, and opens no image and no report. */
abstract class SetScanner {
    private static final String DICOM = ".dcm";

    final SourceTree tree;
    /** Path of the set's folder in the tree, with a slash at its end, or empty. */
    final String top;

    private static final int MOST_MENTIONED = 100_000;

    final FaultList faults;
    final Map<Exclusion, Long> leftOut = new EnumMap<>(Exclusion.class);
    /** What rows with faults speak of: it is no stranger. */
    private final Set<String> mentioned = new HashSet<>();

    private final Map<Counted, Long> counted = new EnumMap<>(Counted.class);

    SetScanner(SourceTree tree, String top, FaultList faults) {
        this.tree = tree;
        this.top = top;
        this.faults = faults;
    }

    /**
     * What the tables say.
     *
     * @param samples sorted by id
     * @param labels names of the labels, in the order of {@link IngestPlan.Sample#labels}
     * @param imagesListed rows for images
     * @param samplesListed samples of the tables, those without a usable image too
     * @param counted what else the tables come to, for the published totals
     * @param leftOut what the tables leave out
     */
    record Scan(
            List<IngestPlan.Sample> samples,
            List<String> labels,
            long imagesListed,
            long samplesListed,
            Map<Counted, Long> counted,
            Map<Exclusion, Long> leftOut) {}

    /**
     * Finds the folder of the set and lists its samples.
     *
     * @param faults gets those of tables, of files that no table names or that are missing, and of the tree
     * @throws PerduraException INVALID_DATA if the tree holds no table of the set
     * @throws IOException if the tree can't be listed
     */
    static Scan scan(SourceTree tree, IngestSpec spec, FaultList faults) throws IOException {
        List<String> tables = switch (spec.set()) {
            case MIMIC_CXR -> MimicCxrScanner.MARKERS;
            case CHEXPERT, CHEXPERT_5X200 -> ChexpertScanner.MARKERS;
            case RSNA -> RsnaScanner.MARKERS;
            case SIIM -> SiimScanner.MARKERS;
        };
        String top = tree.locate(tables)
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.INVALID_DATA,
                        spec.root() + ": no " + tables.get(0) + " in it or in a folder of it; it must hold the set "
                                + spec.set().word() + " as its owner ships it"));
        SetScanner scanner = switch (spec.set()) {
            case MIMIC_CXR -> new MimicCxrScanner(tree, top, faults);
            case CHEXPERT, CHEXPERT_5X200 -> new ChexpertScanner(tree, top, faults, spec);
            case RSNA -> new RsnaScanner(tree, top, faults);
            case SIIM -> new SiimScanner(tree, top, faults);
        };
        Scan scan = scanner.scan();
        tree.faults().forEach(faults::add);
        return scan;
    }

    abstract Scan scan() throws IOException;

    /** Reads a table of the set's folder; false if that can't be done to its end. */
    final boolean read(String table, List<String> columns, Consumer<CsvTable.Row> rows) {
        return CsvTable.read(
                tree, top + table, columns, faults, rows, values -> leaveOutRow(values.toArray(String[]::new)));
    }

    /** The same, with the columns of the fourteen findings behind the others. */
    final boolean readWithFindings(String table, List<String> columns, Consumer<CsvTable.Row> rows) {
        List<String> all = new ArrayList<>(columns);
        all.addAll(ChexpertFinding.COLUMNS);
        return read(table, all, rows);
    }

    /**
     * What a row says of the fourteen findings; a value that is none of 1, 0, -1 and blank is a fault, and blank here.
     *
     * @param from place of the first finding among the row's values
     */
    final Mentions findings(CsvTable.Row row, int from) {
        List<Mention> cells = new ArrayList<>();
        for (String column : ChexpertFinding.COLUMNS) {
            String text = row.value(from + cells.size()).strip();
            Optional<Mention> mention = Mention.parse(text);
            if (mention.isEmpty()) {
                faults.add(row, column + " '" + text + "' must be 1.0, 0.0, -1.0 or blank; it counts as blank");
            }
            cells.add(mention.orElse(Mention.BLANK));
        }
        return new Mentions(cells);
    }

    /**
     * Leaves a row out that can't be used.
     *
     * @param names that it may be of
     */
    final void leaveOut(CsvTable.Row row, String fault, String... names) {
        faults.add(row, fault);
        leaveOutRow(names);
    }

    /** As {@link #leaveOut}, of a row whose fault is told already. */
    final void leaveOutRow(String... names) {
        Exclusion.FAULTY_ROW.count(leftOut, 1);
        for (String name : names) {
            if (mentioned.size() < MOST_MENTIONED) {
                mentioned.add(PlainText.shown(nameOf(name)));
            }
        }
    }

    /** What a value of a table names. */
    String nameOf(String value) {
        return value.strip();
    }

    /** Whether a row with a fault speaks of it. */
    final boolean isMentioned(String name) {
        return mentioned.contains(PlainText.shown(name));
    }

    /** Counts something else that the tables come to. */
    final void count(Counted what, long number) {
        counted.merge(what, number, Long::sum);
    }

    final Scan found(List<IngestPlan.Sample> samples, List<String> labels, long imagesListed, long samplesListed) {
        return new Scan(samples, labels, imagesListed, samplesListed, counted, leftOut);
    }

    /** The last part of a path of a DICOM file, without the ending; null if it is none. */
    static @Nullable String dicomName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int end = name.length() - DICOM.length();
        return name.regionMatches(true, end, DICOM, 0, DICOM.length()) ? name.substring(0, end) : null;
    }
}
