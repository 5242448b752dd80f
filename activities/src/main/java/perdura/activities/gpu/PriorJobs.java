package perdura.activities.gpu;

import perdura.datasets.data.DataSet;
import perdura.datasets.data.PairBatchConfig;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.ValidationBatches;
import perdura.grids.read.SpecJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.store.Run;
import perdura.training.loop.TrainingJob;
import perdura.training.methods.prior.PriorJob;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;

/** PRIOR's jobs on ingested data sets. */
final class PriorJobs {
    private PriorJobs() {}

    static RunRecipe read(Run run) {
        PretrainSpec spec = SpecJson.read(run.identity().spec());
        return RunRecipe.pretraining(
                spec,
                run.binding().dataDigest(),
                place -> open(spec, knownData(run, place), place.threads(), place.device()));
    }

    private static KnownData knownData(Run run, JobContext place) {
        String digest = run.binding().dataDigest();
        if (digest == null) {
            throw new PerduraException(ErrorCode.INTERNAL, run.runId() + " is trained before its data was checked");
        }
        return new KnownData(digest, place.artifactRoot());
    }

    /**
     * A job in its initial state, at step 0.
     *
     * @throws PerduraException INVALID_DATA if the artifact store lacks the data set
     */
    static TrainingJob open(PretrainSpec spec, KnownData known, int threads, String device) {
        DataSet data = DataSet.open(DataSet.folder(known.artifactRoot(), known.digest()));
        data.requireForPretraining(IngestSpec.Profile.PRIOR, spec.model().imageSize());
        InitialWeights initial = InitialWeights.find(new WeightStore(known.artifactRoot()), spec.initialWeights());
        initial.check(spec.model(), data.vocabulary());
        int[] rows = SplitRows.of(data, spec.data().split());
        PairBatchConfig config = PairBatchConfig.of(spec, feeders());
        PairBatches batches = new PairBatches(data, rows, config);
        try {
            PriorJob job = PriorJob.open(
                    onDevice(spec, device),
                    batches,
                    ValidationBatches.of(
                            data, spec.data().split(), spec.validation().pairs(), config),
                    initial,
                    data.vocabulary().size(),
                    threads);
            return new JobWithData(job, batches);
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    /** One core feeds, the others train. */
    private static int feeders() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    private static PretrainSpec onDevice(PretrainSpec spec, String slotDevice) {
        ResourceSpec wanted = spec.resources();
        return spec.on(new ResourceSpec(DeviceChoice.choose(wanted.device(), slotDevice), wanted.threads()));
    }
}
