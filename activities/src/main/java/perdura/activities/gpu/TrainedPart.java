package perdura.activities.gpu;

import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/**
 * How a training ended that did not fail. Everything it did is committed.
 *
 * @param fence of the attempt
 * @param stateDigest empty before the first commit of the run
 * @param totalSteps of the run
 * @param cancelled whether it ended early because it was asked to
 */
record TrainedPart(RunId runId, long fence, Position position, String stateDigest, long totalSteps, boolean cancelled) {
    boolean isAtEnd() {
        return position.step() == totalSteps;
    }
}
