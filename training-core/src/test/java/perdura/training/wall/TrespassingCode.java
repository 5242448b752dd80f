package perdura.training.wall;

import ai.djl.ndarray.NDArray;

/** What the rule of TestEngineWall must catch: the engine seen from outside its layer. Never run. */
public final class TrespassingCode {
    /** Frees the scalar while autograd still points at it, then detaches. */
    public NDArray half(NDArray x) {
        return x.mul(0.5f).duplicate();
    }
}
