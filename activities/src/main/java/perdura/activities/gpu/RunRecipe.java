package perdura.activities.gpu;

import org.jspecify.annotations.Nullable;
import perdura.activities.gpu.FailureRule.NoProgress;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;

/**
 * A run of any kind, as training sees it.
 *
 * @param dataDigest of the data set that it trains on; null if none is known
 * @param keptAtEnd checkpoints that stay, beside those at stage ends and the best, once a stage's last step is committed; at least 1
 * @param epochs null if its epochs need no preparation
 */
public record RunRecipe(
        ResourceSpec resources,
        CommitSpec commit,
        int keptAtEnd,
        ResumeSpec resume,
        FailureRule failures,
        @Nullable String dataDigest,
        @Nullable PreparedEpochs epochs,
        Opening opening) {
    /**
     * Epochs that need work before their first step.
     *
     * @param stepsPerEpoch optimiser steps of an epoch, at least 1
     */
    public record PreparedEpochs(EpochPreparation preparation, long stepsPerEpoch) {
        /** Where the epoch of the next step begins, when so many steps are done. */
        long begin(long step) {
            return step - step % stepsPerEpoch;
        }
    }

    /** Makes the run's job in its initial state, at step 0. */
    @FunctionalInterface
    public interface Opening {
        /**
         * To be called by the training thread.
         *
         * @throws perdura.grids.spec.PerduraException INVALID_DATA or NOT_FOUND if something that it needs is not there;
         *     OUT_OF_MEMORY
         */
        TrainingJob open(JobContext context);
    }

    /** A pre-training, as its spec says. */
    public static RunRecipe pretraining(PretrainSpec spec, @Nullable String dataDigest, Opening opening) {
        return new RunRecipe(
                spec.execution().resources(),
                spec.execution().commit(),
                spec.execution().commit().keep(),
                spec.execution().resume(),
                NoProgress.STANDARD,
                dataDigest,
                null,
                opening);
    }

    /** The same run with epochs that are prepared. */
    public RunRecipe with(PreparedEpochs prepared) {
        return new RunRecipe(resources, commit, keptAtEnd, resume, failures, dataDigest, prepared, opening);
    }

    int wantedThreads() {
        return resources.threads() > 0
                ? resources.threads()
                : Runtime.getRuntime().availableProcessors();
    }
}
