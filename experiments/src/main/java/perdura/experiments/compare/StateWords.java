package perdura.experiments.compare;

import java.util.Map;
import java.util.stream.Collectors;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.TrialState;

/** Counts of trials by state, in words. */
public final class StateWords {
    private StateWords() {}

    /** {@code 43 finished, 2 failed}. */
    public static String of(Map<TrialState, Integer> counts) {
        return counts.entrySet().stream()
                .map(count -> count.getValue() + " " + word(count.getKey()))
                .collect(Collectors.joining(", "));
    }

    public static String word(TrialState state) {
        return EnumWord.of(state);
    }

    /** What is not finished of a point; empty if all is. */
    public static String unfinished(ComparedPoint point) {
        Map<TrialState, Integer> counts = point.counts();
        counts.remove(TrialState.FINISHED);
        return of(counts);
    }
}
