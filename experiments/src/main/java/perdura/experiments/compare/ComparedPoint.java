package perdura.experiments.compare;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.TrialState;

/**
 * The trials that differ in nothing but what repeats them: the seed, and the parameters that their task declares as replicates.
 *
 * @param number from 1, in the order of the sweep
 * @param rank from 1, by the objective's mean; null if it has no value
 * @param parameters by path, as text
 * @param provisional whether no trial is finished, so that the values are those of trials on their way
 * @param objective over the finished trials, or if there are none over those on their way; validation data
 * @param metrics other metrics over the same trials, by key
 * @param trials in the order of the sweep
 * @param lacking replicates that another point of the comparison has and of which this one has no finished trial, for instance
 *     {@code fold 3}
 */
public record ComparedPoint(
        int number,
        @Nullable Integer rank,
        Map<String, String> parameters,
        boolean provisional,
        Summary objective,
        Map<String, Summary> metrics,
        List<ComparedTrial> trials,
        List<String> lacking) {
    public ComparedPoint {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        trials = List.copyOf(trials);
        lacking = List.copyOf(lacking);
    }

    ComparedPoint withRank(int rank) {
        return new ComparedPoint(number, rank, parameters, provisional, objective, metrics, trials, lacking);
    }

    /** How many trials are in each state; states of none are left out. */
    public Map<TrialState, Integer> counts() {
        return counts(trials);
    }

    /** A metric over the point's trials; of no values if none has it. */
    public Summary metric(String key) {
        return metrics.getOrDefault(key, Summary.of(List.of()));
    }

    static Map<TrialState, Integer> counts(List<ComparedTrial> trials) {
        Map<TrialState, Integer> counts = new EnumMap<>(TrialState.class);
        trials.forEach(trial -> counts.merge(trial.state(), 1, Integer::sum));
        return counts;
    }

    /** Whether every trial is finished, and none is lacking. */
    public boolean isComplete() {
        return lacking.isEmpty() && trials.stream().allMatch(trial -> trial.state() == TrialState.FINISHED);
    }

    /** Whether its objective is one over a part of its trials only, or others have replicates that it lacks. */
    boolean isPartial() {
        return !lacking.isEmpty() || objective.n() < trials.size();
    }

    /** Counts of trials by state, in words. */
    public static final class StateWords {
        private StateWords() {}

        /** {@code 43 finished, 2 failed}. */
        public static String of(Map<TrialState, ? extends Number> counts) {
            return counts.entrySet().stream()
                    .filter(count -> count.getValue().longValue() > 0)
                    .sorted(Map.Entry.comparingByKey())
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
}
