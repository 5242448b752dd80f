package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.ChexpertTable;
import perdura.datasets.split.chexpert.FiveByTwoHundred;
import perdura.datasets.split.chexpert.FiveByTwoHundredList;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/**
 * 5x200 images of CheXpert's {@code train.csv} (prior.md 4.3): those of a list file, or drawn by the rule. The labels are the
 * five findings in the order of {@link ChexpertFinding#FIVE}, one of them 1.
 */
final class FiveByTwoHundredScanner implements SetScanner {
    private static final String NAME = SourceSet.CHEXPERT_5X200.word();

    @Override
    public List<String> markers() {
        return ChexpertTables.MARKERS;
    }

    @Override
    public Scan scan(SourceTree tree, String top, IngestSpec spec) throws IOException {
        ChexpertTables tables = ChexpertTables.read(tree, top);
        ChexpertTable table = tables.table();
        Split chosen = choose(table, spec);
        Map<String, IngestPlan.Sample> samples = new TreeMap<>();
        for (int finding = 0; finding < ChexpertFinding.FIVE.size(); finding++) {
            RowList rows = chosen.rows(ChexpertFinding.FIVE.get(finding).column());
            List<@Nullable Float> labels = oneHot(finding);
            rows.stream()
                    .mapToObj(row -> table.rows().get(row).image())
                    .forEach(image -> samples.put(image.path(), ChexpertTables.sample(top, image, labels)));
        }
        tables.counts().add(Exclusion.NOT_CHOSEN, tables.frontal().size() - samples.size());
        return new Scan(
                List.copyOf(samples.values()),
                ChexpertFinding.FIVE.stream().map(ChexpertFinding::column).toList(),
                tables.images(),
                tables.images(),
                tables.counted(),
                tables.counts(),
                tables.faults());
    }

    private static Split choose(ChexpertTable table, IngestSpec spec) {
        int perClass = spec.sampling().perClass();
        Path list = spec.list();
        if (list != null) {
            return FiveByTwoHundredList.read(NAME, list, table, perClass).set();
        }
        return switch (spec.profile()) {
            case PRIOR ->
                FiveByTwoHundred.drawnBySeed(
                        NAME, table, perClass, spec.sampling().seed());
            case SENSE -> FiveByTwoHundred.drawnByLegacy(NAME, table, perClass);
        };
    }

    private static List<@Nullable Float> oneHot(int place) {
        @Nullable Float[] labels = new @Nullable Float[ChexpertFinding.FIVE.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i == place ? 1f : 0f;
        }
        return List.of(labels);
    }
}
