package perdura.grids.spec;

/**
 * Sizes of a BERT.
 *
 * @param hidden width of a position, a multiple of {@code heads}
 * @param ffn inner width of the feed-forward layers
 * @param positions most tokens of a text
 */
public record BertSpec(int hidden, int layers, int heads, int ffn, int positions) {}
