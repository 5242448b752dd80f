package perdura.grids.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pre-training as its YAML file describes it, all defaults resolved. Built by {@code perdura.grids.read} only; every
 * default stands in the YAML documents beside that package.
 *
 * @param name what run ids begin with: letters, digits and dashes
 * @param experiment MLflow's experiment
 * @param profile the defaults it was built on: {@code tiny}, {@code small} or {@code paper}
 * @param seed the run seed; every random draw is a function of it
 * @param batchSize studies per optimiser step; the last part batch of an epoch is dropped
 * @param batchChunk studies of a batch that run through the model at a time, a divisor of the batch size below it; null for all
 * @param stages the stage plan, in order; not empty
 */
public record PretrainSpec(
        String name,
        String experiment,
        Method method,
        String profile,
        long seed,
        int batchSize,
        @Nullable Integer batchChunk,
        DataSpec data,
        ModelSpec model,
        InitialWeightsSpec initialWeights,
        AugmentSpec augment,
        List<StageSpec> stages,
        OptimizerSpec optimizer,
        CommitSpec commit,
        ResourceSpec resources,
        ResumeSpec resume,
        PrepareSpec prepare,
        ValidationSpec validation) {
    public PretrainSpec {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("stages must not be empty");
        }
        if (batchChunk != null && (batchChunk < 2 || batchChunk >= batchSize || batchSize % batchChunk != 0)) {
            throw new IllegalArgumentException("batchChunk must be at least 2, below batchSize, and divide it, was "
                    + batchChunk + " for a batchSize of " + batchSize);
        }
    }

    /**
     * The stage that has just ended where a run stands. At the end of the plan that is the last one; at the end of another the
     * run stands at the begin of the next already.
     *
     * @param position at the end of a stage
     */
    public int stageEndedAt(Position position) {
        if (position.epoch() > 0) {
            return position.stage();
        }
        List<Integer> plan = stages.stream().map(StageSpec::stage).toList();
        int next = plan.indexOf(position.stage());
        if (next < 1) {
            throw new IllegalArgumentException("no stage of " + plan + " ends at " + position);
        }
        return plan.get(next - 1);
    }

    /** The same pre-training on an ingested data set. */
    public PretrainSpec onDataset(String digest) {
        return with(new DataSpec(digest, null, data.split(), data.allowedLeaks()), resources);
    }

    /** The same pre-training elsewhere. */
    public PretrainSpec on(ResourceSpec other) {
        return with(data, other);
    }

    private PretrainSpec with(DataSpec otherData, ResourceSpec otherResources) {
        return new PretrainSpec(
                name,
                experiment,
                method,
                profile,
                seed,
                batchSize,
                batchChunk,
                otherData,
                model,
                initialWeights,
                augment,
                stages,
                optimizer,
                commit,
                otherResources,
                resume,
                prepare,
                validation);
    }

    /** The pre-training method. */
    public enum Method {
        PRIOR
    }
}
