package perdura.workflows;

import java.util.List;

/**
 * Trials that were given out and are not running: they came back before an attempt began, or between two.
 *
 * @param execution the execution of the sweep's workflow to which they were given
 */
public record TrialRelease(String sweepId, String execution, List<String> trialKeys) {
    public TrialRelease {
        trialKeys = List.copyOf(trialKeys);
    }
}
