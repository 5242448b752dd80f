package perdura.datasets.ingest;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import perdura.datasets.source.SourceTree;
import perdura.grids.spec.IngestSpec;

/** CheXpert v1.0-small (prior.md 4.1): all frontal images of both tables. A sample's id is its path below the set's folder. */
final class ChexpertScanner implements SetScanner {
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
