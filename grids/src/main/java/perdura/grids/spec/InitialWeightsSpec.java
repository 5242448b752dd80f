package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/**
 * Imported weights that the encoders of a pre-training begin with; null for the first values of its seed.
 *
 * @param image digest of the weights of the image encoder
 * @param text digest of the weights of the text encoder
 */
public record InitialWeightsSpec(
        @Nullable String image, @Nullable String text) {
    /** Every weight begins with the first value of the seed. */
    public static final InitialWeightsSpec NONE = new InitialWeightsSpec(null, null);
}
