package perdura.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.activities.cpu.LeakGuard;
import perdura.activities.cpu.PretrainIngest;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.store.DataSets;
import perdura.store.StoredDataSet;
import perdura.training.data.DataSet;
import perdura.training.ingest.DataReport;
import perdura.training.ingest.Ingest;
import perdura.training.source.FaultList;
import perdura.training.text.Vocabulary;

/** Looks at the data of a spec before anything is started with it. */
final class DataCheck {
    private DataCheck() {}

    /**
     * Looks at every file that the spec names. An ingested data set was looked at already.
     *
     * @throws PerduraException INVALID_DATA with all faults
     */
    static void checkFiles(PretrainSpec spec) {
        DataSpec.@Nullable Source source = spec.data().source();
        if (source != null) {
            DataReport report = Ingest.inspect(PretrainIngest.of(spec, source));
            if (report.faultCount() > 0) {
                throw FaultList.refusal(source.root(), report.faults(), report.faultCount());
            }
        }
    }

    /**
     * The spec with the name of an ingested data set replaced by its digest.
     *
     * @throws PerduraException NOT_FOUND with the nearest names; INVALID_SPEC if the method can't train on it; DATA_LEAK if the training would see what a downstream set is tested on
     */
    static PretrainSpec pinned(PretrainSpec spec, DataSets dataSets) {
        String dataset = spec.data().dataset();
        if (dataset == null) {
            return spec;
        }
        DataSet data = open(dataSets.loadDataSet(dataset));
        data.requireForPretraining(PretrainIngest.profile(spec), spec.model().imageSize());
        PretrainSpec pinned = spec.onDataset(data.header().digest());
        new LeakGuard(dataSets).check(pinned, data);
        return pinned;
    }

    /** The vocabulary of the files, or of the ingested data set, that a checked and pinned spec names. */
    static Vocabulary vocabulary(PretrainSpec spec, DataSets dataSets) {
        DataSpec.@Nullable Source source = spec.data().source();
        return source == null
                ? open(dataSets.loadDataSet(Objects.requireNonNull(spec.data().dataset())))
                        .vocabulary()
                : Vocabulary.read(source.vocabulary());
    }

    private static DataSet open(StoredDataSet stored) {
        return DataSet.open(Path.of(URI.create(stored.uri())));
    }
}
