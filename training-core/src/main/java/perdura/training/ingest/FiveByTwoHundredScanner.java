package perdura.training.ingest;

import java.io.IOException;
import java.util.List;
import perdura.grids.spec.IngestSpec;
import perdura.training.source.SourceTree;

/** Stub until the branch splits is merged. */
final class FiveByTwoHundredScanner implements SetScanner {
    @Override
    public List<String> markers() {
        return List.of("train.csv");
    }

    @Override
    public Scan scan(SourceTree tree, String top, IngestSpec spec) throws IOException {
        return new ChexpertScanner().scan(tree, top, spec);
    }
}
