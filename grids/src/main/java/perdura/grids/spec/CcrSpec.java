package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/**
 * Switches of PRIOR's conditional reconstruction (prior.md 2.8).
 *
 * @param mask what of the image embedding is hidden from the image decoder in training
 * @param maskProbability share that is hidden, in [0, 1)
 * @param block order of the layers in the image decoder's blocks
 * @param detachPatches whether L_img leaves patches and text evidence alone
 * @param detachTargets whether L_spg and L_kl leave their targets alone
 * @param requeryNoise the noise with which L_gpa asks the bank for the predicted prototypes, in training
 * @param sentenceLimit first sentences of a report that take part, from 1 to the model's queries; null for as many as there are queries
 */
public record CcrSpec(
        Mask mask,
        double maskProbability,
        Block block,
        boolean detachPatches,
        boolean detachTargets,
        RequeryNoise requeryNoise,
        @Nullable Integer sentenceLimit) {
    /** With noise of its own for the re-query, and as many sentences as there are queries. */
    public CcrSpec(Mask mask, double maskProbability, Block block, boolean detachPatches, boolean detachTargets) {
        this(mask, maskProbability, block, detachPatches, detachTargets, RequeryNoise.OWN, null);
    }

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

    /** Noise of the re-query. */
    public enum RequeryNoise {
        /** Gumbel noise, drawn apart from that of the sentences. */
        OWN,
        /** None: the weights are those of the temperature alone. */
        NONE
    }
}
