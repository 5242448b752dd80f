package perdura.training.methods.prior.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.nn.StateDictLayout;

/**
 * What a training step of a stage needs on its device, in bytes, above what the process takes without a model. Weights, gradients and
 * moments are exact; activations are counted from the shapes, for reports as long as the model takes and for the processor, whose
 * attention keeps all of its weights: a GPU needs less.
 *
 * @param weights parameters and buffers of all modules, trained by the stage or not
 * @param gradients of what the stage trains
 * @param moments Adam's
 * @param activations what a forward pass keeps until the backward pass is through
 */
public record StepMemory(long weights, long gradients, long moments, long activations) {
    private static final int FLOAT = 4;

    /**
     * Counts.
     *
     * @param batch samples of a step
     * @param chunk samples that run at a time; null for all
     */
    public static StepMemory of(Prior prior, StageSpec stage, int batch, @Nullable Integer chunk) {
        StateDictLayout layout = prior.layout();
        ModelSpec spec = prior.spec();
        long trained = FLOAT * layout.countNumbers(StageForward.trained(prior, stage));
        SavedActivations kept = new SavedActivations(spec, stage, spec.textLength());
        int running = chunk == null ? batch : chunk;
        double activations =
                running * (kept.count() + 2 * kept.greatest()) + (double) batch * ofWholeBatch(spec, stage);
        return new StepMemory(
                FLOAT * layout.countNumbers(List.copyOf(layout.shapes().keySet())),
                trained,
                2 * trained,
                FLOAT * Math.round(activations));
    }

    /** Image, text and noise of a sample, and what of a chunk's first pass waits for the second, with its gradients. */
    private static double ofWholeBatch(ModelSpec spec, StageSpec stage) {
        double embeddings = 0;
        for (String name : LossTerms.of(stage).embeddings()) {
            int rows = name.equals("v") ? spec.patches() : name.equals("s") ? spec.queries() : 1;
            embeddings += 2.0 * rows * spec.dim();
        }
        double noise = stage.has(StageSpec.Module.SPB) ? 2.0 * spec.queries() * spec.prototypes() : 0;
        double image = (double) spec.imageSize() * spec.imageSize();
        return image + 6.0 * spec.textLength() + noise + embeddings; // three int64 of a text's position
    }

    public long total() {
        return weights + gradients + moments + activations;
    }
}
