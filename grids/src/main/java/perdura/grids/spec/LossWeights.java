package perdura.grids.spec;

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
        double crossPatch) {
    /** Without {@code crossPatch}. */
    public LossWeights(
            double global,
            double r2i,
            double i2r,
            double proto,
            double img,
            double spg,
            double kl,
            double gpa,
            double crossImage) {
        this(global, r2i, i2r, proto, img, spg, kl, gpa, crossImage, 0);
    }
}
