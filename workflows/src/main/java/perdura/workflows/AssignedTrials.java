package perdura.workflows;

import java.util.List;

/**
 * Trials given out, in the order in which they are to begin.
 *
 * @param waiting trials that run for another sweep now, or whose pre-training has not finished
 * @param pending trials that may still be given out
 * @param closed whether nothing will be given out any more
 */
public record AssignedTrials(List<TrialAssignment> trials, long waiting, long pending, boolean closed) {
    public AssignedTrials {
        trials = List.copyOf(trials);
    }
}
