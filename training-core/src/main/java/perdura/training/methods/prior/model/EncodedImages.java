package perdura.training.methods.prior.model;

import perdura.training.torch.Tensor;

/**
 * Images as a trained PRIOR sees them. Lives as long as the scope that it was made in.
 *
 * @param global v_g [N, dim], not normalised
 * @param patches V [N, P, dim]; patch = row * side + column of the grid
 * @param keys V Wk1 of LAM
 * @param queries V Wq1 of LAM
 */
public record EncodedImages(Tensor global, Tensor patches, Tensor keys, Tensor queries) {
    /** Images N. */
    public int size() {
        return Math.toIntExact(global.shape().get(0));
    }

    /** Patches P of an image. */
    public int patchCount() {
        return Math.toIntExact(patches.shape().get(1));
    }
}
