package perdura.grids.spec;

/**
 * Switches of PRIOR's conditional reconstruction (prior.md 2.8).
 *
 * @param mask what of the image embedding is hidden from the image decoder in training
 * @param maskProbability share that is hidden, in [0, 1)
 * @param block order of the layers in the image decoder's blocks
 * @param detachPatches whether L_img leaves patches and text evidence alone
 * @param detachTargets whether L_spg and L_kl leave their targets alone
 */
public record CcrSpec(Mask mask, double maskProbability, Block block, boolean detachPatches, boolean detachTargets) {
    /** What is hidden. */
    public enum Mask {
        /** Channels, in all patches. */
        CHANNEL,
        /** Patches, in all channels. */
        SPATIAL_CELL
    }

    /** Order of a block's layers. */
    public enum Block {
        CONV_BN_RELU,
        CONV_RELU_BN
    }
}
