package perdura.experiments.submit;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.source.FaultList;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.store.DataSets;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.weights.InitialWeights;

/** Looks at the data of a spec before anything is started with it. */
final class DataCheck {
    private DataCheck() {}

    /**
     * Looks at every file that the spec names, and returns their vocabulary. An ingested data set was looked at already:
     * null.
     *
     * @throws PerduraException INVALID_DATA with all faults
     */
    static @Nullable Vocabulary checkFiles(PretrainSpec spec) {
        DataSpec.@Nullable Source source = spec.data().source();
        if (source == null) {
            return null;
        }
        DataReport report = Ingest.inspect(
                PretrainIngest.of(spec, source),
                Runtime.getRuntime().availableProcessors(),
                (samples, all, faults) -> {});
        if (report.faultCount() > 0) {
            throw FaultList.refusal("data set " + source.root(), report.faults(), report.faultCount());
        }
        long studies = spec.data().split() == DataSpec.Split.TRAIN
                ? report.splits().getOrDefault("train", 0L)
                : report.samples();
        SplitRows.requireBatch(studies, spec.batchSize());
        return Vocabulary.read(source.vocabulary());
    }

    /**
     * The spec with the name of an ingested data set replaced by its digest.
     *
     * @throws PerduraException NOT_FOUND with the nearest names; INVALID_SPEC if the method can't train on it, or
     *     the weights don't fit it; DATA_LEAK if the training would see what a downstream set is tested on
     */
    static PretrainSpec pinned(PretrainSpec spec, Supplier<DataSets> stored, InitialWeights initial) {
        String dataset = spec.data().dataset();
        if (dataset == null) {
            return spec;
        }
        DataSets dataSets = stored.get();
        DataSet data = DataSet.open(dataSets.loadDataSet(dataset).folder());
        Method method = Methods.load().of(spec);
        data.requireForPretraining(method.ingestProfile(), method.imageSize(spec));
        method.check(spec, initial, data.vocabulary());
        int[] rows = SplitRows.of(data, spec.data().split());
        SplitRows.requireBatch(rows.length, spec.batchSize());
        method.checkStudies(spec, data, rows);
        PretrainSpec pinned = spec.onDataset(data.header().digest());
        new LeakGuard(dataSets).check(pinned, data);
        return pinned;
    }

    /** WordPieces of the ingested data set of a spec that {@link #pinned} gave. */
    static int vocabulary(PretrainSpec pinned, DataSets dataSets) {
        String dataset = Objects.requireNonNull(pinned.data().dataset());
        return DataSet.open(dataSets.loadDataSet(dataset).folder()).vocabulary().size();
    }
}
