package perdura.activities.worker;

import java.util.Optional;
import perdura.grids.spec.RunId;

/**
 * An activity that a process has taken and not answered yet.
 *
 * @param taskToken Temporal's name of this attempt, base 64
 * @param workflowId its workflow
 * @param process who has taken it
 * @param worker host, slot and process, as the store names the attempt
 */
record RunningActivity(
        String taskToken, String workflowId, String activityType, ProcessIdentity process, String worker) {
    private static final String PRETRAIN = "pretrain-";

    /** The run that its workflow is for; empty for a workflow of another kind. */
    Optional<RunId> runId() {
        return workflowId.startsWith(PRETRAIN)
                ? Optional.of(new RunId(workflowId.substring(PRETRAIN.length())))
                : Optional.empty();
    }
}
