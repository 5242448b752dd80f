package perdura.grids.spec;

import java.util.List;

/**
 * One stage of the plan (prior.md 2.9, 3): which modules are on, what is minimised, and linear warm-up, then cosine, per
 * optimiser step. A stage begins with the weights of the one before, and with a fresh optimiser and schedule.
 *
 * @param stage number of the stage, from 1; PRIOR has three
 * @param epochs passes over the data, at least 1
 * @param warmupSteps steps of linear warm-up, at least 0
 * @param learningRate the base rate
 * @param startLearningRate the rate of step 0
 * @param endLearningRate where the cosine ends
 * @param modules what is on besides the encoders; each once, in the order of the enum. CCR needs both others
 * @param lossWeights positive for at least one term; 0 for terms of modules that are off
 */
public record StageSpec(
        int stage,
        int epochs,
        long warmupSteps,
        double learningRate,
        double startLearningRate,
        double endLearningRate,
        List<Module> modules,
        LossWeights lossWeights,
        LearningRateFactors learningRateFactors) {
    public StageSpec {
        modules = modules.stream().distinct().sorted().toList();
    }

    /** What a stage can switch on. */
    public enum Module {
        /** Local alignment of sentences and patches: L_r2i, L_i2r, the cross-image term. */
        LAM,
        /** The prototype bank: sentences are replaced by their mix; L_proto. */
        SPB,
        /** Conditional reconstruction of image and prototypes: L_img, L_spg, L_kl, L_gpa. */
        CCR
    }

    /** Whether a module is on. */
    public boolean has(Module module) {
        return modules.contains(module);
    }
}
