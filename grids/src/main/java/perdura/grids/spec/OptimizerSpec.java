package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/**
 * The optimiser (prior.md 3). {@code ADAM} adds the decay to the gradient, as torch.optim.Adam does; {@code ADAMW}
 * decays the weights themselves.
 *
 * @param clipNorm greatest global gradient norm, or null for no clipping
 */
public record OptimizerSpec(
        Algorithm algorithm,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        @Nullable Double clipNorm) {
    /** Which rule updates the weights. */
    public enum Algorithm {
        ADAM,
        ADAMW
    }
}
