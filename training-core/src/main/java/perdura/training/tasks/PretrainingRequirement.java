package perdura.training.tasks;

import java.util.List;
import perdura.grids.spec.Parameters;

/**
 * A pre-training that a trial names by its settings. It has an identity of its own, and is run once for all trials that name an
 * equal one.
 *
 * @param profile the defaults that it is built on
 * @param dataset path of the parameter that names the data set which it learns; the trial itself doesn't see that one
 * @param settings over the profile, each {@code path=value} of a pre-training's spec
 * @param stage at whose end the trial takes its encoder
 * @param encoder path under which the trial finds that encoder
 * @param others what beside the pre-training decides the trial's result, all defaults written out; references may be among them
 */
public record PretrainingRequirement(
        String profile, String dataset, List<String> settings, int stage, String encoder, Parameters others) {
    public PretrainingRequirement {
        settings = List.copyOf(settings);
    }
}
