package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.chexpert.ChexpertTable;
import perdura.datasets.split.totals.Counted;
import perdura.grids.spec.IngestSpec;

/**
 * {@code train.csv} and {@code valid.csv} of CheXpert v1.0-small (prior.md 4.1). Their column Path says where an image lies,
 * and begins with the name of the set's folder.
 */
final class ChexpertTables {
    static final List<String> MARKERS = List.of("train.csv", "train.csv.gz");

    private static final Map<ChexpertTable.Source, String> FILES =
            Map.of(ChexpertTable.Source.TRAIN, "train.csv", ChexpertTable.Source.VALID, "valid.csv");

    private final SourceTree tree;
    private final String top;
    private final FaultList faults = new FaultList(SetScanner.MOST_FAULTS);
    private final Exclusion.Counts counts = new Exclusion.Counts();
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private final Map<String, ChexpertTable.Source> tableOfPatient = new HashMap<>();
    private final Map<Counted, Long> counted = new EnumMap<>(Counted.class);
    private int rowNumber;
    private long images;

    private ChexpertTables(SourceTree tree, String top) {
        this.tree = tree;
        this.top = top;
    }

    /**
     * A row.
     *
     * @param labels one for each of {@link FindingLabels#NAMES}
     */
    record Entry(ChexpertTable.Row row, List<@Nullable Float> labels) {}

    /** @param top path of the set's folder in the tree, with a slash at its end, or empty */
    static ChexpertTables read(SourceTree tree, String top) throws IOException {
        ChexpertTables tables = new ChexpertTables(tree, top);
        boolean train = tables.read(ChexpertTable.Source.TRAIN, Counted.TRAIN_ROWS, Counted.FRONTAL_TRAIN_ROWS);
        boolean valid = tables.read(ChexpertTable.Source.VALID, Counted.VALID_ROWS, Counted.FRONTAL_VALID_ROWS);
        if (train && valid) {
            tree.visit(top + "train", tables::lookForStranger);
            tree.visit(top + "valid", tables::lookForStranger);
        }
        return tables;
    }

    private boolean read(ChexpertTable.Source source, Counted rows, Counted frontalRows) {
        List<String> columns = new ArrayList<>(List.of("Path", "Frontal/Lateral"));
        columns.addAll(FindingLabels.NAMES);
        rowNumber = 0;
        int before = entries.size();
        boolean whole = CsvTable.read(
                tree, top + FILES.getOrDefault(source, ""), columns, faults, row -> add(row, source, rowNumber++));
        counted.put(rows, (long) rowNumber);
        images += rowNumber;
        counted.put(
                frontalRows,
                entries.subList(before, entries.size()).stream()
                        .filter(ChexpertTables::isFrontal)
                        .count());
        return whole;
    }

    private void add(CsvTable.Row row, ChexpertTable.Source source, int number) {
        Optional<ChexpertTable.Image> image = ChexpertTable.Image.parse(row.value(0));
        Optional<ChexpertTable.Row.View> view = view(row.value(1));
        if (image.isEmpty() || image.get().table() != source) {
            fault(
                    row,
                    "Path '" + row.value(0) + "' must be like CheXpert-v1.0-small/"
                            + (source == ChexpertTable.Source.TRAIN ? "train" : "valid")
                            + "/patient00001/study1/view1_frontal.jpg");
        } else if (view.isEmpty()) {
            fault(row, "Frontal/Lateral '" + row.value(1) + "' must be Frontal or Lateral");
        } else if (tableOfPatient.computeIfAbsent(image.get().patient(), p -> source) != source) {
            fault(row, image.get().patient() + " is in both tables, every patient must be in one");
        } else if (!paths.add(image.get().path())) {
            fault(row, "image '" + image.get().path() + "' has a row already");
        } else {
            List<@Nullable Float> labels = FindingLabels.parse(row, 2, faults);
            ChexpertTable.Row parsed =
                    new ChexpertTable.Row(image.get(), number, view.get(), FindingLabels.mentions(labels));
            entries.add(new Entry(parsed, labels));
            if (view.get() == ChexpertTable.Row.View.LATERAL) {
                counts.add(Exclusion.NOT_FRONTAL);
            }
        }
    }

    private static Optional<ChexpertTable.Row.View> view(String text) {
        return switch (text) {
            case "Frontal" -> Optional.of(ChexpertTable.Row.View.FRONTAL);
            case "Lateral" -> Optional.of(ChexpertTable.Row.View.LATERAL);
            default -> Optional.empty();
        };
    }

    private static boolean isFrontal(Entry entry) {
        return entry.row().view() == ChexpertTable.Row.View.FRONTAL;
    }

    private void lookForStranger(String path) {
        String id = path.substring(top.length());
        if (id.endsWith(".jpg") && !paths.contains(id)) {
            faults.add(tree.describe(path), "image without a row in train.csv or valid.csv");
        }
    }

    private void fault(CsvTable.Row row, String reason) {
        faults.add(row.file(), row.line(), reason);
    }

    /** A sample of one image. */
    static IngestPlan.Sample sample(String top, ChexpertTable.Image image, List<@Nullable Float> labels) {
        return IngestPlan.Sample.study(
                image.path(),
                image.patient(),
                image.table() == ChexpertTable.Source.TRAIN ? "train" : "validate",
                List.of(new IngestPlan.Sample.Image(image.path(), top + image.path())),
                null,
                labels);
    }

    /** The frontal rows, in the order of the tables. */
    List<Entry> frontal() {
        return entries.stream().filter(ChexpertTables::isFrontal).toList();
    }

    /** All sound rows as the rules for splits want them. */
    ChexpertTable table() {
        return ChexpertTable.of(entries.stream().map(Entry::row).toList());
    }

    /** Rows of both tables. */
    long images() {
        return images;
    }

    Map<Counted, Long> counted() {
        return counted;
    }

    Exclusion.Counts counts() {
        return counts;
    }

    FaultList faults() {
        return faults;
    }

    /** CheXpert v1.0-small (prior.md 4.1): all frontal images of both tables. A sample's id is its path below the set's folder. */
    static final class ChexpertScanner implements SetScanner {
        @Override
        public List<String> markers() {
            return ChexpertTables.MARKERS;
        }

        @Override
        public Scan scan(SourceTree tree, String top, IngestSpec spec) throws IOException {
            ChexpertTables tables = ChexpertTables.read(tree, top);
            Map<String, IngestPlan.Sample> frontal = new TreeMap<>();
            for (ChexpertTables.Entry entry : tables.frontal()) {
                frontal.put(entry.row().image().path(), sample(top, entry));
            }
            return new Scan(
                    List.copyOf(frontal.values()),
                    FindingLabels.NAMES,
                    tables.images(),
                    tables.images(),
                    tables.counted(),
                    tables.counts(),
                    tables.faults());
        }

        private static IngestPlan.Sample sample(String top, ChexpertTables.Entry entry) {
            return ChexpertTables.sample(top, entry.row().image(), entry.labels());
        }
    }
}
