package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Path;
import perdura.datasets.data.DataSet;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.testkit.MimicFolder;

/** A hand-made data set, and its ingest. */
public final class TestingMimic extends MimicFolder<TestingMimic> {
    /** Side of its ingested images. */
    public static final int SIDE = 16;

    public TestingMimic(Path root) throws IOException {
        super(root);
    }

    @Override
    protected TestingMimic self() {
        return this;
    }

    /** Writes both tables as gzip files. */
    public IngestSpec written() throws IOException {
        writeTables();
        return spec(4);
    }

    /** Writes both tables as plain files, rows in reverse order. */
    IngestSpec writtenPlain() throws IOException {
        writePlainTables();
        return spec(4);
    }

    IngestSpec spec(int minSentences) {
        return spec(root(), minSentences);
    }

    /** Of such a set in another folder, too. */
    static IngestSpec spec(Path root, int minSentences) {
        return MimicCxrSynth.ingest(root, SIDE, minSentences);
    }

    /** The same, ending with the first fault. */
    static IngestSpec strict(IngestSpec spec) {
        return new IngestSpec(
                spec.set(),
                spec.root(),
                spec.profile(),
                spec.imageSize(),
                spec.vocabulary(),
                spec.minSentences(),
                spec.sections(),
                spec.list(),
                spec.sampling(),
                true,
                false);
    }

    /** Ingests it. */
    public static DataSet ingest(IngestSpec spec, Path artifacts) {
        try (Ingest ingest = Ingest.open(spec, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(2, () -> {}).digest()));
        }
    }
}
