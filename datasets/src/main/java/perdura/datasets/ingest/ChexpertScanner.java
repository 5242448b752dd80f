package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.ChexpertTable;
import perdura.datasets.split.chexpert.FiveByTwoHundred;
import perdura.datasets.split.chexpert.FiveByTwoHundredList;
import perdura.datasets.split.totals.Counted;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/**
 * CheXpert v1.0-small (prior.md 4.1): all frontal images of {@code train.csv} and {@code valid.csv}, or 5x200 of the first table
 * (prior.md 4.3), those of a list file or drawn by the rule. The column Path says where an image lies, and begins with the name
 * of the set's folder; a sample's id is its path below that folder.
 */
final class ChexpertScanner extends SetScanner {
    static final List<String> MARKERS = List.of("train.csv", "train.csv.gz");

    private static final Map<String, ChexpertTable.Row.View> VIEWS =
            Map.of("Frontal", ChexpertTable.Row.View.FRONTAL, "Lateral", ChexpertTable.Row.View.LATERAL);

    private final IngestSpec spec;
    private final Map<String, ChexpertTable.Row> rows = new LinkedHashMap<>();
    private final Map<String, ChexpertTable.Source> tableOfPatient = new HashMap<>();
    private int rowNumber;
    private long images;

    ChexpertScanner(SourceTree tree, String top, FaultList faults, IngestSpec spec) {
        super(tree, top, faults);
        this.spec = spec;
    }

    @Override
    Scan scan() throws IOException {
        boolean train = read(ChexpertTable.Source.TRAIN, Counted.TRAIN_ROWS, Counted.FRONTAL_TRAIN_ROWS);
        boolean valid = read(ChexpertTable.Source.VALID, Counted.VALID_ROWS, Counted.FRONTAL_VALID_ROWS);
        if (train && valid) {
            tree.visit(top + "train", this::lookForStranger);
            tree.visit(top + "valid", this::lookForStranger);
        }
        Map<String, IngestPlan.Sample> samples = new TreeMap<>();
        if (spec.set() == SourceSet.CHEXPERT_5X200) {
            choose(samples);
            return found(List.copyOf(samples.values()), ChexpertFinding.columns(ChexpertFinding.FIVE), images, images);
        }
        for (ChexpertTable.Row row : rows.values()) {
            if (isFrontal(row)) {
                samples.put(
                        row.image().path(), sample(row.image(), row.mentions().labels()));
            }
        }
        return found(List.copyOf(samples.values()), ChexpertFinding.COLUMNS, images, images);
    }

    private boolean read(ChexpertTable.Source source, Counted all, Counted frontal) {
        rowNumber = 0;
        boolean whole = readWithFindings(EnumWord.of(source) + ".csv", List.of("Path", "Frontal/Lateral"), row -> {
            add(row, source);
            rowNumber++;
        });
        images += rowNumber;
        count(all, rowNumber);
        count(
                frontal,
                rows.values().stream()
                        .filter(row -> isFrontal(row) && row.image().table() == source)
                        .count());
        return whole;
    }

    private static boolean isFrontal(ChexpertTable.Row row) {
        return row.view() == ChexpertTable.Row.View.FRONTAL;
    }

    private void add(CsvTable.Row row, ChexpertTable.Source source) {
        Optional<ChexpertTable.Image> image = ChexpertTable.Image.parse(row.value(0));
        ChexpertTable.Row.View view = VIEWS.get(row.value(1));
        if (image.isEmpty() || image.get().table() != source) {
            leaveOut(
                    row,
                    "Path '" + row.value(0) + "' must be like CheXpert-v1.0-small/" + EnumWord.of(source)
                            + "/patient00001/study1/view1_frontal.jpg",
                    row.value(0));
        } else if (view == null) {
            leaveOut(row, "Frontal/Lateral '" + row.value(1) + "' must be Frontal or Lateral", row.value(0));
        } else if (tableOfPatient.computeIfAbsent(image.get().patient(), p -> source) != source) {
            leaveOut(row, image.get().patient() + " is in both tables, every patient must be in one", row.value(0));
        } else if (rows.containsKey(image.get().path())) {
            leaveOut(row, "image '" + image.get().path() + "' has a row already");
        } else {
            rows.put(image.get().path(), new ChexpertTable.Row(image.get(), view, findings(row, 2)));
            if (view == ChexpertTable.Row.View.LATERAL) {
                Exclusion.NOT_FRONTAL.count(leftOut, 1);
            }
        }
    }

    @Override
    String nameOf(String value) {
        return ChexpertTable.Image.parse(value).map(ChexpertTable.Image::path).orElse(value);
    }

    private void lookForStranger(String path) {
        String id = path.substring(top.length());
        if (id.endsWith(".jpg") && !rows.containsKey(id) && !isMentioned(id)) {
            faults.add(tree.describe(path), "image without a row in train.csv or valid.csv");
        }
    }

    /** The labels are the five findings in the order of {@link ChexpertFinding#FIVE}, one of them 1. */
    private void choose(Map<String, IngestPlan.Sample> samples) {
        ChexpertTable table = ChexpertTable.of(List.copyOf(rows.values()));
        Split chosen = chosen(table);
        for (int finding = 0; finding < ChexpertFinding.FIVE.size(); finding++) {
            List<@Nullable Float> labels = new ArrayList<>(Collections.nCopies(ChexpertFinding.FIVE.size(), 0f));
            labels.set(finding, 1f);
            chosen.rows(ChexpertFinding.FIVE.get(finding).column()).stream()
                    .mapToObj(row -> table.rows().get(row).image())
                    .forEach(image -> samples.put(image.path(), sample(image, labels)));
        }
        long frontal = rows.values().stream().filter(ChexpertScanner::isFrontal).count();
        Exclusion.NOT_CHOSEN.count(leftOut, frontal - samples.size());
    }

    private Split chosen(ChexpertTable table) {
        String name = SourceSet.CHEXPERT_5X200.word();
        int perClass = spec.sampling().perClass();
        Path list = spec.list();
        if (list != null) {
            return FiveByTwoHundredList.read(name, list, table, perClass);
        }
        return spec.profile() == IngestSpec.Profile.SENSE
                ? FiveByTwoHundred.drawnByLegacy(name, table, perClass)
                : FiveByTwoHundred.drawnBySeed(
                        name, table, perClass, spec.sampling().seed());
    }

    private IngestPlan.Sample sample(ChexpertTable.Image image, List<@Nullable Float> labels) {
        return IngestPlan.Sample.study(
                image.path(),
                image.patient(),
                image.table() == ChexpertTable.Source.TRAIN ? "train" : "validate",
                List.of(new IngestPlan.Sample.Image(image.path(), top + image.path())),
                null,
                labels);
    }
}
