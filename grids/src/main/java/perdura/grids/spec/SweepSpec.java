package perdura.grids.spec;

import java.util.List;

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
}
