package perdura.workflows;

import java.util.List;

/** Trials that were given out and are not running: they came back before an attempt began, or between two. */
public record TrialRelease(String sweepId, List<String> trialKeys) {
    public TrialRelease {
        trialKeys = List.copyOf(trialKeys);
    }
}
