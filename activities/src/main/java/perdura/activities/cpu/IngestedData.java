package perdura.activities.cpu;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import perdura.activities.cpu.DataPreparation.DataPlan;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.datasets.ingest.DataReport;
import perdura.datasets.ingest.Ingest;
import perdura.experiments.submit.PretrainIngest;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.store.DataSets.NewDataSet;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Method;
import perdura.training.method.Methods;

/**
 * Trains from ingested data sets only: files that a spec names are ingested first, in this process, unless the run has a
 * data set already. A fault of a file fails the run before it begins.
 *
 * @param digestOf the digest of a data set that a spec names
 * @param record keeps what was ingested in the store
 * @param guard refuses data that a run must not train on, before its first start
 */
public record IngestedData(
        UnaryOperator<String> digestOf,
        Consumer<NewDataSet> record,
        BiConsumer<PretrainSpec, DataSet> guard,
        Path artifactRoot,
        DurableEffects effects)
        implements DataPreparation {
    @Override
    public DataPlan prepare(PretrainSpec spec, @Nullable String knownDigest, Runnable beat) {
        DataSet data = open(spec, knownDigest, beat);
        Method method = Methods.load().of(spec);
        data.requireForPretraining(method.ingestProfile(), method.imageSize(spec));
        if (knownDigest == null) {
            guard.accept(spec, data);
        }
        int[] rows = SplitRows.of(data, spec.data().split());
        long studies = rows.length;
        SplitRows.requireBatch(studies, spec.batchSize());
        method.checkStudies(spec, data, rows);
        long stepsPerEpoch = method.stepsPerEpoch(spec, studies);
        long epochs = spec.epochs();
        return new DataPlan(data.header().digest(), studies, stepsPerEpoch, stepsPerEpoch * epochs);
    }

    @Override
    public @Nullable EpochPreparation epochs(PretrainSpec spec, long stepsPerEpoch) {
        return Methods.load().of(spec).preparation(spec, stepsPerEpoch).orElse(null);
    }

    private DataSet open(PretrainSpec spec, @Nullable String knownDigest, Runnable beat) {
        DataSpec.Source source = spec.data().source();
        if (knownDigest != null && (source == null || DataSet.exists(artifactRoot, knownDigest))) {
            return DataSet.open(DataSet.folder(artifactRoot, knownDigest));
        }
        if (source == null) {
            String digest = digestOf.apply(Objects.requireNonNull(spec.data().dataset()));
            return DataSet.open(DataSet.folder(artifactRoot, digest));
        }
        try (Ingest ingest = Ingest.open(PretrainIngest.of(spec, source), artifactRoot, effects)) {
            DataReport report = ingest.makeAll(Runtime.getRuntime().availableProcessors(), beat);
            record.accept(IngestActivitiesImpl.newDataSet(report, artifactRoot));
            return DataSet.open(DataSet.folder(artifactRoot, report.digest()));
        }
    }
}
