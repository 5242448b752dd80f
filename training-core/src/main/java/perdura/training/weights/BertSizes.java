package perdura.training.weights;

import org.jspecify.annotations.Nullable;

/**
 * Sizes of a BERT, read off its tensors.
 *
 * @param heads which no tensor shows: from the config.json beside the file, else null
 * @param pooler whether the pooler is there
 */
public record BertSizes(
        int vocabulary, int hidden, int layers, @Nullable Integer heads, int ffn, int positions, boolean pooler) {
    /** Channels of a head in every BERT that was published. */
    private static final int HEAD_WIDTH = 64;

    BertSizes withHeads(@Nullable Integer known) {
        return new BertSizes(vocabulary, hidden, layers, known, ffn, positions, pooler);
    }

    /** The known number of heads, or the one that all published BERTs of this width have. */
    public int likelyHeads() {
        return heads != null ? heads : Math.max(1, hidden / HEAD_WIDTH);
    }

    @Override
    public String toString() {
        return "vocabulary " + vocabulary + ", hidden " + hidden + ", layers " + layers
                + (heads == null ? "" : ", heads " + heads) + ", ffn " + ffn + ", positions " + positions
                + (pooler ? "" : ", no pooler");
    }
}
