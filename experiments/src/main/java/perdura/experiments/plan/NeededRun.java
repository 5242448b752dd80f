package perdura.experiments.plan;

import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.WeightLocator;
import perdura.training.tasks.PretrainingRequirement;

/**
 * The run of a pre-training that trials need.
 *
 * @param wish of the trials
 * @param spec on the digest of its data set
 * @param key the pre-training's identity
 * @param runId the run of that identity: one that is finished, or that the sweep is to start
 */
record NeededRun(PretrainingRequirement wish, PretrainSpec spec, String key, RunId runId) {
    /** Where the trial finds the encoder. */
    String locator() {
        return new WeightLocator.StageOfRun(runId, wish.stage()).toString();
    }

    /** What of it decides a trial's key: whichever run it was. */
    String identity() {
        return "pretrain:" + key + "@" + wish.stage();
    }
}
