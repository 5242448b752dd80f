package perdura.grids.spec;

/**
 * One stage of the plan (prior.md 3): linear warm-up, then cosine, per optimiser step.
 *
 * @param stage PRIOR's number of the stage, from 1
 * @param epochs passes over the data, at least 1
 * @param warmupSteps steps of linear warm-up, at least 0
 * @param learningRate the base rate
 * @param startLearningRate the rate of step 0
 * @param endLearningRate where the cosine ends
 */
public record StageSpec(
        int stage,
        int epochs,
        long warmupSteps,
        double learningRate,
        double startLearningRate,
        double endLearningRate) {}
