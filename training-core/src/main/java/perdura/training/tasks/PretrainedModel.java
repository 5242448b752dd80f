package perdura.training.tasks;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;

/**
 * PRIOR as it is at the end of a stage: images and texts alike.
 *
 * @param stage one of the spec's
 * @param dataFolder of the data set that was or will be learned; null if the artifact store does not have it
 */
public record PretrainedModel(
        PretrainSpec spec, int stage, @Nullable Path dataFolder) {
    public PretrainedModel {
        if (spec.stages().stream().noneMatch(each -> each.stage() == stage)) {
            throw new IllegalArgumentException("the spec has no stage " + stage);
        }
    }

    /** The stages that have run by then, in order. */
    public List<StageSpec> stages() {
        List<Integer> numbers = spec.stages().stream().map(StageSpec::stage).toList();
        return spec.stages().subList(0, numbers.indexOf(stage) + 1);
    }

    /** The last of them. */
    public StageSpec last() {
        return stages().get(stages().size() - 1);
    }
}
