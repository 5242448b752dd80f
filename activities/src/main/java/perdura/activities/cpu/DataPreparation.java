package perdura.activities.cpu;

import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.EpochPreparation;

/** Brings the data of a pre-training to where the training finds it. */
@FunctionalInterface
public interface DataPreparation {
    /**
     * Prepares the data, or finds it prepared.
     *
     * @param knownDigest the data set that the run began with, or null at its first start
     * @param beat to be called between two pieces of work; what it throws ends the work
     */
    DataPlan prepare(PretrainSpec spec, @Nullable String knownDigest, Runnable beat);

    /**
     * What the epochs of a pre-training need before their first step; null for nothing.
     *
     * @param stepsPerEpoch optimiser steps of an epoch
     */
    default @Nullable EpochPreparation epochs(PretrainSpec spec, long stepsPerEpoch) {
        return null;
    }

    /**
     * What a data set means for a run.
     *
     * @param dataDigest identity of the data set, SHA-256
     * @param studies training studies
     * @param stepsPerEpoch full batches of an epoch
     * @param totalSteps optimiser steps of the whole plan
     */
    record DataPlan(String dataDigest, long studies, long stepsPerEpoch, long totalSteps) {}
}
