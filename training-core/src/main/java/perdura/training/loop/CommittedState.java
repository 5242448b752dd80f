package perdura.training.loop;

import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Position;

/**
 * The state that a job holds between two calls of the loop: that of the last commit.
 *
 * @param stateDigest null before the first commit of the run
 */
public record CommittedState(Position position, @Nullable String stateDigest) {
    /** A run of which nothing is committed. */
    public static final CommittedState NONE = new CommittedState(Position.START, null);
}
