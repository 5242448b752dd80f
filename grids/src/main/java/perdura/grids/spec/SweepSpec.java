package perdura.grids.spec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sweep as its YAML file describes it, values typed and ranges written out. Built by {@code perdura.grids.read} only.
 *
 * @param name letters, digits and dashes
 * @param experiment MLflow's experiment
 * @param task name of the task that every trial runs
 */
public record SweepSpec(
        String name,
        String experiment,
        String task,
        Points points,
        StrategySpec strategy,
        ObjectiveSpec objective,
        EarlyStoppingSpec earlyStopping,
        Trials trials,
        BudgetSpec budget) {
    /**
     * Which points there are.
     *
     * @param base parameters of all trials, without the task's defaults
     * @param axes the matrix, in the order of the file
     * @param seeds each point runs once with each; not empty, no two equal
     * @param include further points, each the base with these parameters
     * @param exclude parameters; points of the matrix that have all of one entry are left out
     * @param constraints CEL expressions that hold for every point
     */
    public record Points(
            Parameters base,
            List<SweepAxis> axes,
            List<Long> seeds,
            List<Parameters> include,
            List<Parameters> exclude,
            List<String> constraints) {
        public Points {
            axes = List.copyOf(axes);
            seeds = List.copyOf(seeds);
            include = List.copyOf(include);
            exclude = List.copyOf(exclude);
            constraints = List.copyOf(constraints);
            if (seeds.isEmpty()) {
                throw new IllegalArgumentException("seeds must not be empty");
            }
        }
    }

    /**
     * How trials run.
     *
     * @param concurrency trials at once; 0: as many as there are free slots
     * @param priority 1 to 5; 1 goes first
     */
    public record Trials(ResourceSpec resources, RetrySpec retry, OnFailure onFailure, int concurrency, int priority) {}

    /** What a failed trial means for the others. */
    public enum OnFailure {
        /** It is a result; the others run. */
        KEEP_GOING,
        /** No further trial starts. */
        FAIL_FAST
    }

    /** The same sweep with other points. */
    public SweepSpec with(Points otherPoints, StrategySpec otherStrategy) {
        return new SweepSpec(
                name, experiment, task, otherPoints, otherStrategy, objective, earlyStopping, trials, budget);
    }

    /** The same, as it holds for failed trials that run again: none of them ends it, and no budget of trials counts them anew. */
    public SweepSpec forRetry() {
        Trials forgiving = new Trials(
                trials.resources(), trials.retry(), OnFailure.KEEP_GOING, trials.concurrency(), trials.priority());
        return new SweepSpec(
                name,
                experiment,
                task,
                points,
                strategy,
                objective,
                earlyStopping,
                forgiving,
                new BudgetSpec(null, budget.gpuHours(), budget.wallTime()));
    }

    /**
     * What a sweep may cost; it starts no further trial when one of these is spent.
     *
     * @param trials at most so many are run; null: no limit
     * @param gpuHours hours of devices, summed over all trials; null: no limit
     * @param wallTime from the submission on; null: no limit
     */
    public record BudgetSpec(
            @Nullable Long trials,
            @Nullable Double gpuHours,
            @Nullable Duration wallTime) {}

    /**
     * How often a trial is tried when what failed can heal: a dead worker, a lost connection. What can't heal (a diverged loss,
     * too little memory) is not tried again.
     *
     * @param attempts in all, at least 1
     * @param backoff before the second attempt; doubled before each further one
     */
    public record RetrySpec(int attempts, Duration backoff) {}

    /** Which points of the matrix are run. */
    public sealed interface StrategySpec {
        /** All of them, in the order of the file: the last axis varies fastest. */
        record Grid() implements StrategySpec {}

        /**
         * Points drawn without replacement, all with the same probability.
         *
         * @param count points, not counting those of {@code include}
         * @param seed of the draws
         */
        record Random(long count, long seed) implements StrategySpec {}

        /**
         * The points next to a Sobol sequence with a digital shift, which spreads them evenly.
         *
         * @param count points, not counting those of {@code include}
         * @param seed of the shift
         */
        record Sobol(long count, long seed) implements StrategySpec {}
    }

    /** How trials that promise little are ended early. */
    public sealed interface EarlyStoppingSpec {
        /** Every trial runs to its end. */
        record None() implements EarlyStoppingSpec {}

        /**
         * A trial stops whose best objective so far is worse than the median of the other trials' running means at the same epoch.
         *
         * @param minEpochs no trial stops before so many epochs
         * @param minTrials no trial stops before so many others have come as far
         */
        record Median(int minEpochs, int minTrials) implements EarlyStoppingSpec {}

        /**
         * Asynchronous successive halving (Li et al. 2020, algorithm 2): rungs lie at minEpochs x reduction^k epochs, and the best
         * 1/reduction of a rung goes on.
         *
         * @param minEpochs the first rung
         * @param maxEpochs no rung lies beyond; null: the trial's own end
         * @param reduction at least 2
         */
        record Asha(int minEpochs, @Nullable Integer maxEpochs, int reduction) implements EarlyStoppingSpec {}
    }

    /**
     * One axis of a sweep's matrix.
     *
     * @param path of the parameter that it varies
     * @param values in the order of the file; no two are equal
     * @param when other axes, each with those of its values at which this one takes part; empty: always. Elsewhere its parameter
     *     keeps the value of the base
     */
    public record SweepAxis(String path, List<@Nullable Object> values, Map<String, List<@Nullable Object>> when) {
        public SweepAxis {
            values = Collections.unmodifiableList(new ArrayList<>(values));
            Map<String, List<@Nullable Object>> copy = new LinkedHashMap<>();
            when.forEach((axis, some) -> copy.put(axis, Collections.unmodifiableList(new ArrayList<>(some))));
            when = Collections.unmodifiableMap(copy);
            if (values.isEmpty()) {
                throw new IllegalArgumentException("the axis " + path + " has no values");
            }
        }
    }
}
