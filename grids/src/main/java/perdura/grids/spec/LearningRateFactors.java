package perdura.grids.spec;

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
