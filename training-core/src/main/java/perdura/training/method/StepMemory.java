package perdura.training.method;

/**
 * What a training step of a stage needs on its device, in bytes, above what the process takes without a model.
 *
 * @param weights parameters and buffers of all modules, trained by the stage or not
 * @param gradients of what the stage trains
 * @param moments the optimiser's
 * @param activations what a forward pass keeps until the backward pass is through
 */
public record StepMemory(long weights, long gradients, long moments, long activations) {
    public long total() {
        return weights + gradients + moments + activations;
    }
}
