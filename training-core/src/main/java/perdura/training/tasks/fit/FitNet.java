package perdura.training.tasks.fit;

import java.util.List;
import java.util.Map;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * A model as the loop trains it. Lives as long as its engine.
 *
 * @param <B> batches
 */
public interface FitNet<B> {
    NetWeights weights();

    /** The parameters that a step changes; all others stay as they are. */
    List<String> trained();

    /** The forward pass of a step with the current weights. What it calls is recorded for the backward pass. */
    StepLoss loss(StepScope scope, B batch);

    /**
     * What a step is to lessen.
     *
     * @param total []
     * @param told what the step's metrics say beside it, by key below {@code train/}, in a fixed order
     */
    record StepLoss(Tensor total, Map<String, Double> told) {
        /** A loss that says all. */
        public static StepLoss of(Tensor total) {
            return new StepLoss(total, Map.of());
        }
    }
}
