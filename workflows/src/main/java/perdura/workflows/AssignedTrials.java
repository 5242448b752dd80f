package perdura.workflows;

import java.util.List;

/**
 * Trials given out, in the order in which they are to begin.
 *
 * @param waiting trials that run for another sweep now, or whose pre-training has not finished
 * @param closed whether nothing will be given out any more
 */
public record AssignedTrials(List<TrialAssignment> trials, long waiting, boolean closed) {
    public AssignedTrials {
        trials = List.copyOf(trials);
    }
}
