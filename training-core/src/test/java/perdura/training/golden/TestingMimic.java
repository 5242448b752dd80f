package perdura.training.golden;

import java.io.IOException;
import java.nio.file.Path;
import perdura.datasets.data.DataSet;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.testkit.MimicFolder;

/** A hand-made data set, and its ingest. */
public final class TestingMimic extends MimicFolder<TestingMimic> {
    public TestingMimic(Path root) throws IOException {
        super(root);
    }

    @Override
    protected TestingMimic self() {
        return this;
    }

    /** Writes both tables. */
    public IngestSpec written() throws IOException {
        writeTables();
        return MimicCxrSynth.ingest(root(), 16, 4);
    }

    /** Ingests it. */
    public static DataSet ingest(IngestSpec spec, Path artifacts) {
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(2, () -> {}).digest()));
        }
    }
}
