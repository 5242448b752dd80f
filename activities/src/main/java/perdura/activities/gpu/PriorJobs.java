package perdura.activities.gpu;

import java.io.IOException;
import java.nio.file.Path;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.data.BatchConfig;
import perdura.training.data.BatchSource;
import perdura.training.data.ImageCheck;
import perdura.training.data.ImageDigests;
import perdura.training.data.MimicCxrReader;
import perdura.training.data.StudyIndex;
import perdura.training.loop.TrainingJob;
import perdura.training.pretrain.PriorJob;
import perdura.training.torch.Torch;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;

/** PRIOR's jobs on data in the layout of MIMIC-CXR-JPG. */
public final class PriorJobs implements JobOpener {
    /** Share of the heap that may hold resized images. */
    private static final double CACHE_SHARE = 0.4;

    @Override
    public TrainingJob open(PretrainSpec spec, KnownData data, int threads, String device) {
        StudyIndex index = read(spec.data(), data);
        InitialWeights initial = InitialWeights.find(new WeightStore(data.artifactRoot()), spec.initialWeights());
        initial.check(spec.model(), index.vocabulary());
        long cacheBytes = (long) (Runtime.getRuntime().maxMemory() * CACHE_SHARE);
        BatchSource batches = new BatchSource(index, BatchConfig.of(spec, decoders(), cacheBytes));
        try {
            PriorJob job = PriorJob.open(
                    onDevice(spec, device), batches, initial, index.vocabulary().size(), threads);
            return new JobWithData(job, batches);
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    private static StudyIndex read(DataSpec spec, KnownData data) {
        Path kept = ImageDigests.file(data.artifactRoot(), data.digest());
        StudyIndex index;
        try {
            index = MimicCxrReader.read(spec, ImageCheck.FRAME, ImageDigests.read(kept));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    kept + ": can't be read (" + e + "); is the store mounted?",
                    e);
        }
        if (!index.digest().equals(data.digest())) {
            throw new PerduraException(
                    ErrorCode.DATA_CHANGED,
                    "the run began with data set " + data.digest() + ", but " + spec.root() + " now holds "
                            + index.digest());
        }
        return index;
    }

    @Override
    public String describeEngine(String device) {
        return "torch " + Torch.engineVersion() + ", " + Torch.resolve(device) + ", " + CpuKind.describe();
    }

    /** One core feeds, the others train. */
    private static int decoders() {
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
                spec.resume());
    }
}
