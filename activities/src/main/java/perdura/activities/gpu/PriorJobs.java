package perdura.activities.gpu;

import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.data.DataSet;
import perdura.training.data.PriorBatchConfig;
import perdura.training.data.PriorBatches;
import perdura.training.data.SplitRows;
import perdura.training.loop.TrainingJob;
import perdura.training.pretrain.PriorJob;
import perdura.training.torch.Torch;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;

/** PRIOR's jobs on ingested data sets. */
public final class PriorJobs implements JobOpener {
    @Override
    public TrainingJob open(PretrainSpec spec, KnownData known, int threads, String device) {
        DataSet data = DataSet.open(DataSet.folder(known.artifactRoot(), known.digest()));
        data.requireForPretraining(IngestSpec.Profile.PRIOR, spec.model().imageSize());
        InitialWeights initial = InitialWeights.find(new WeightStore(known.artifactRoot()), spec.initialWeights());
        initial.check(spec.model(), data.vocabulary());
        int[] rows = SplitRows.of(data, spec.data().split());
        PriorBatches batches = new PriorBatches(data, rows, PriorBatchConfig.of(spec, feeders()));
        try {
            PriorJob job = PriorJob.open(
                    onDevice(spec, device), batches, initial, data.vocabulary().size(), threads);
            return new JobWithData(job, batches);
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    @Override
    public String describeEngine(String device) {
        return "torch " + Torch.engineVersion() + ", " + Torch.resolve(device) + ", " + CpuKind.describe();
    }

    /** One core feeds, the others train. */
    private static int feeders() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    private static PretrainSpec onDevice(PretrainSpec spec, String slotDevice) {
        ResourceSpec wanted = spec.resources();
        return new PretrainSpec(
                spec.name(),
                spec.experiment(),
                spec.method(),
                spec.profile(),
                spec.seed(),
                spec.batchSize(),
                spec.data(),
                spec.model(),
                spec.initialWeights(),
                spec.augment(),
                spec.stages(),
                spec.optimizer(),
                spec.commit(),
                new ResourceSpec(DeviceChoice.choose(wanted.device(), slotDevice), wanted.threads()),
                spec.resume(),
                spec.prepare());
    }
}
