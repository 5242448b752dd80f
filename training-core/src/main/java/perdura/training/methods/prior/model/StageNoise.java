package perdura.training.methods.prior.model;

import org.jspecify.annotations.Nullable;
import perdura.training.torch.Tensor;

/**
 * The random numbers of one step besides dropout's; null where there are none.
 *
 * @param query Gumbel noise of the sentences' queries [B, M, K]; only real sentences' matters
 * @param requery Gumbel noise of the predicted prototypes' queries [B, Q, K]
 * @param keep 1 for what the image decoder sees, 0 for what is hidden; [B, dim] for channels, [B, P] for cells
 */
public record StageNoise(
        @Nullable Tensor query,
        @Nullable Tensor requery,
        @Nullable Tensor keep) {
    /** No random numbers: evaluation, and stages that need none. */
    public static final StageNoise NONE = new StageNoise(null, null, null);

    /** Which of them a forward pass needs. */
    public record Needs(boolean query, boolean requery, boolean keep) {}
}
