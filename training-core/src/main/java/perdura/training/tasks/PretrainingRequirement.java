package perdura.training.tasks;

import perdura.grids.read.PretrainParameters;
import perdura.grids.spec.Parameters;

/**
 * A pre-training that a trial names by its settings. It has an identity of its own, and is run once for all trials that name an
 * equal one.
 *
 * @param choice what the trial says of it
 * @param dataset path of the parameter that names the data set which it learns; the trial itself doesn't see that one
 * @param encoder path under which the trial finds the encoder at the end of the chosen stage
 * @param others what beside the pre-training decides the trial's result, all defaults written out; references may be among them
 */
public record PretrainingRequirement(
        PretrainParameters.Choice choice, String dataset, String encoder, Parameters others) {}
