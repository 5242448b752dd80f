package perdura.training.tasks;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.method.PairModels;

/**
 * A pre-trained model as it is at the end of a stage, or at the best checkpoint of the last one: all that was trained with its image encoder.
 *
 * @param stage one of the spec's, which trained the checkpoint last
 * @param dataFolder of the data set that was or will be learned; null if the artifact store does not have it
 */
public record PretrainedModel(
        PretrainSpec spec, int stage, @Nullable Path dataFolder) {
    public PretrainedModel {
        if (!spec.stageNumbers().contains(stage)) {
            throw new IllegalArgumentException("the spec has no stage " + stage);
        }
    }

    public Method method() {
        return Methods.load().of(spec);
    }

    /** How the model scores images with texts, which its method must be able to. */
    public PairModels pairModels() {
        return method().pairModels().orElseThrow();
    }
}
