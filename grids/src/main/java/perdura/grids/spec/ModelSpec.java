package perdura.grids.spec;

import java.util.List;

/**
 * Sizes and switches of PRIOR (prior.md 1.5, 2). Names follow its specification.
 *
 * @param imageSize side of the square input, pixels, a multiple of 32
 * @param resnetBlocks bottleneck blocks of the four layers
 * @param resnetWidth channels of the first convolution; layer4 has 32 times as many
 * @param textLength tokens of a report with [CLS] and [SEP]
 * @param dim joint width d
 * @param gather token-to-sentence pooling
 * @param lamActivation what turns LAM's logits into weights
 * @param globalTextProjection whether gT follows the sentence pool
 * @param tau initial temperature of both contrastive scales, in (0, 1]
 * @param maxScale what both scales are capped at after every step, at least 1
 * @param overlong how a report of more than {@code textLength} tokens is cut
 */
public record ModelSpec(
        int imageSize,
        List<Integer> resnetBlocks,
        int resnetWidth,
        int imagePoolHeads,
        int textLength,
        int bertHidden,
        int bertLayers,
        int bertHeads,
        int bertFfn,
        int bertPositions,
        double dropout,
        int dim,
        int tokenPoolDim,
        int sentencePoolHeads,
        int predictorDim,
        int prototypes,
        int queries,
        int decoderLayers,
        int decoderHeads,
        int decoderFfn,
        List<Integer> imageDecoderChannels,
        Gather gather,
        LamActivation lamActivation,
        boolean globalTextProjection,
        double tau,
        double maxScale,
        SpbSpec spb,
        CcrSpec ccr,
        Overlong overlong) {
    public ModelSpec {
        resnetBlocks = List.copyOf(resnetBlocks);
        imageDecoderChannels = List.copyOf(imageDecoderChannels);
    }

    /** Token-to-sentence pooling. */
    public enum Gather {
        ATTENTION,
        MEAN
    }

    /** What turns LAM's logits into weights. */
    public enum LamActivation {
        SIGMOID,
        SOFTMAX
    }

    /** How a report of too many tokens is cut. */
    public enum Overlong {
        /** Its last tokens go, and [SEP] stays at the end. */
        KEEP_SEP,
        /** All behind the last position goes, [SEP] too. */
        LOSE_SEP
    }

    /** First sentences of a report that take part in a stage with reconstruction. */
    public int sentenceLimit() {
        Integer limit = ccr.sentenceLimit();
        return limit == null ? queries : limit;
    }

    /** Side of the patch grid: 7 at 224. */
    public int grid() {
        return imageSize / 32;
    }

    /** Patches of an image: 49 at 224. */
    public int patches() {
        return grid() * grid();
    }

    /** Channels of layer4: 2048 at width 64. */
    public int imageChannels() {
        return resnetWidth * 32;
    }
}
