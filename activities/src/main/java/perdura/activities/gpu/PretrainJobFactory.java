package perdura.activities.gpu;

import java.nio.file.Path;
import perdura.activities.gpu.JobContext.DeviceChoice;
import perdura.activities.gpu.RunRecipe.PreparedEpochs;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.store.Run;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Methods;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;

/** Pre-trainings on ingested data sets, by any method. */
final class PretrainJobFactory {
    private static final EpochPreparation.Results NOTHING_PREPARED = step -> {
        throw new PerduraException(ErrorCode.NOT_FOUND, "nothing is prepared for the epoch at step " + step);
    };

    private PretrainJobFactory() {}

    static RunRecipe read(Run run) {
        PretrainSpec spec = Methods.load().specs().readStored(run.identity().spec());
        RunRecipe recipe = RunRecipe.pretraining(
                spec,
                run.binding().dataDigest(),
                context -> open(
                        spec,
                        knownData(run, context),
                        context.threads(),
                        context.device(),
                        context.prepared(),
                        context.alive()));
        Long totalSteps = run.progress().totalSteps();
        if (totalSteps == null) {
            return recipe;
        }
        long stepsPerEpoch = spec.stepsPerEpoch(totalSteps);
        return Methods.load()
                .of(spec)
                .preparation(spec, stepsPerEpoch)
                .map(preparation -> recipe.with(new PreparedEpochs(preparation, stepsPerEpoch)))
                .orElse(recipe);
    }

    private static DatasetRef knownData(Run run, JobContext context) {
        String digest = run.binding().dataDigest();
        if (digest == null) {
            throw new PerduraException(ErrorCode.INTERNAL, run.runId() + " is trained before its data was checked");
        }
        return new DatasetRef(digest, context.artifactRoot());
    }

    /**
     * A job in its initial state, at step 0.
     *
     * @throws PerduraException INVALID_DATA if the artifact store lacks the data set
     */
    static TrainingJob open(PretrainSpec spec, DatasetRef known, int threads, String device) {
        return open(spec, known, threads, device, NOTHING_PREPARED, () -> {});
    }

    private static TrainingJob open(
            PretrainSpec spec,
            DatasetRef known,
            int threads,
            String device,
            EpochPreparation.Results prepared,
            Runnable alive) {
        DataSet data = DataSet.open(DataSet.folder(known.artifactRoot(), known.digest()));
        Method method = Methods.load().of(spec);
        data.requireForPretraining(method.ingestProfile(), method.imageSize(spec));
        InitialWeights initial = InitialWeights.find(new WeightStore(known.artifactRoot()), spec.initialWeights());
        method.check(spec, initial, data.vocabulary());
        return method.open(onDevice(spec, device), new JobInput(data, initial, threads, feeders(), prepared, alive));
    }

    /** One core feeds, the others train. */
    private static int feeders() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    private static PretrainSpec onDevice(PretrainSpec spec, String slotDevice) {
        ResourceSpec wanted = spec.execution().resources();
        return spec.on(new ResourceSpec(DeviceChoice.choose(wanted.device(), slotDevice), wanted.threads()));
    }

    /**
     * The data that a run began with.
     *
     * @param digest identity of the data set
     * @param artifactRoot the artifact store that has it
     */
    record DatasetRef(String digest, Path artifactRoot) {}
}
