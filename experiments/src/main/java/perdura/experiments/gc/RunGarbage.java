package perdura.experiments.gc;

import java.nio.file.Path;
import java.util.List;
import perdura.grids.spec.RunId;

/**
 * Folders of one run that can go.
 *
 * @param spare of checkpoints that the store has and the run can do without
 * @param leftovers that no checkpoint of the store is in: what dead attempts left
 * @param bytes of all of them
 */
public record RunGarbage(RunId runId, List<Path> spare, List<Path> leftovers, long bytes) {
    public RunGarbage {
        spare = List.copyOf(spare);
        leftovers = List.copyOf(leftovers);
    }

    boolean isEmpty() {
        return spare.isEmpty() && leftovers.isEmpty();
    }
}
