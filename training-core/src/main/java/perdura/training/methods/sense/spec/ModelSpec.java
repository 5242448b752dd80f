package perdura.training.methods.sense.spec;

import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ResnetSpec;

/**
 * Sizes and switches of SENSE's networks (sense.md 1.5, 2).
 *
 * @param dim D, width of all projectors' outputs
 * @param uniProjectors whether S-UMC has projectors and queues of its own, or shares those of S-CMC
 */
public record ModelSpec(Image image, Text text, int dim, boolean uniProjectors) {
    /**
     * What reads images.
     *
     * @param imageSize side of the square input, pixels
     */
    public record Image(int imageSize, ResnetSpec.Block resnetBlock, ResnetSpec resnet) {
        /** Width dv of an image's feature: 2048 for a ResNet-50. */
        public int features() {
            return resnetBlock.channels(resnet.width());
        }
    }

    /**
     * What reads reports.
     *
     * @param pooling how token vectors become a report's feature
     * @param poolSpecials whether [CLS] and [SEP] take part in the maximum
     * @param sentenceLength pieces of a sentence with the two special ones
     * @param sentences first sentences of a report that take part
     * @param reportLength pieces of a report with the two special ones, where {@code MAX} joins its sentences
     * @param dropout share of BERT's values that are dropped in training, in [0, 1)
     * @param frozenEmbeddings whether BERT's embeddings stay as they are
     * @param frozenLayers first layers of BERT that stay as they are
     */
    public record Text(
            Pooling pooling,
            boolean poolSpecials,
            int sentenceLength,
            int sentences,
            int reportLength,
            BertSpec bert,
            double dropout,
            boolean frozenEmbeddings,
            int frozenLayers) {}

    /** How token vectors become a report's feature (sense.md 1.5). */
    public enum Pooling {
        /** The maximum over the tokens of all sentences, joined and encoded as one text. */
        MAX,
        /** Each sentence encoded alone: the maximum over its tokens, then over the sentences. */
        MAX_MAX
    }

    /** Side of the images. */
    public int imageSize() {
        return image.imageSize;
    }
}
