package perdura.training.methods.prior.spec;

import java.util.List;
import perdura.grids.spec.MethodSpec;

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
        LearningRateFactors learningRateFactors)
        implements MethodSpec.Stage {
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

    /** The same stage with other weights. */
    StageSpec with(LossWeights others) {
        return new StageSpec(
                stage,
                epochs,
                warmupSteps,
                learningRate,
                startLearningRate,
                endLearningRate,
                modules,
                others,
                learningRateFactors);
    }

    /** Whether a module is on. */
    public boolean has(Module module) {
        return modules.contains(module);
    }

    /**
     * Weights of a stage's loss terms (prior.md 2.9), each at least 0; a term of weight 0 is left out.
     *
     * @param global L_glob
     * @param r2i L_r2i
     * @param i2r L_i2r
     * @param proto L_proto
     * @param img L_img
     * @param spg L_spg
     * @param kl L_kl
     * @param gpa L_gpa
     * @param crossImage InfoNCE of each sentence with its evidence from every image of the batch; not PRIOR's (prior.md 3)
     * @param crossPatch InfoNCE of each sentence over all patches of the batch, by the logits of A_v, those of its own image being the right
     *     ones; not PRIOR's
     */
    public record LossWeights(
            double global,
            double r2i,
            double i2r,
            double proto,
            double img,
            double spg,
            double kl,
            double gpa,
            double crossImage,
            double crossPatch) {}

    /**
     * What the learning rate of a stage is multiplied with, by module (prior.md 3); each greater than 0. PRIOR's are 1.
     *
     * @param image image encoder and its attention pool
     * @param text BERT and both text pools
     * @param projection the linear layers into the joint space
     * @param lam local alignment and SimSiam's predictor
     * @param spb the prototype bank
     * @param ccr both decoders and the queries
     * @param scales both contrastive scales
     */
    public record LearningRateFactors(
            double image, double text, double projection, double lam, double spb, double ccr, double scales) {
        /** Every module learns alike. */
        public static final LearningRateFactors ONE = new LearningRateFactors(1, 1, 1, 1, 1, 1, 1);
    }
}
