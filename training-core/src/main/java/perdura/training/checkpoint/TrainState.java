package perdura.training.checkpoint;

import java.util.List;

/**
 * Everything that the next step depends on, besides the spec, the data and the position.
 *
 * @param weights parameters and buffers, in a fixed order
 * @param optimizer moments and step counts, in a fixed order
 */
public record TrainState(List<HostTensor> weights, List<HostTensor> optimizer) {
    public TrainState {
        weights = List.copyOf(weights);
        optimizer = List.copyOf(optimizer);
    }
}
