package perdura.grids.spec;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A pre-training as its YAML file describes it, all defaults resolved. Built by {@code perdura.grids.read} only; every
 * default stands in the YAML documents of that package and of the method.
 *
 * @param name what run ids begin with: letters, digits and dashes
 * @param experiment MLflow's experiment
 * @param profile the defaults of the method that it was built on
 * @param seed the run seed; every random draw is a function of it
 * @param batchSize studies per optimiser step; the last part batch of an epoch is dropped
 * @param microBatchSize studies of a batch that run through the model at a time, a divisor of the batch size below it; null for all
 * @param method the method's own part
 */
public record PretrainSpec(
        String name,
        String experiment,
        String profile,
        long seed,
        int batchSize,
        @Nullable Integer microBatchSize,
        MethodSpec method,
        DataSpec data,
        InitialWeightsSpec initialWeights,
        OptimizerSpec optimizer,
        Execution execution) {
    /** The two samples that BatchNorm needs. */
    private static final int LEAST_MICRO_BATCH = 2;

    /**
     * How a run is carried out. Nothing of it changes the run's bits.
     *
     * @param validation what is measured at the end of each epoch
     */
    public record Execution(
            CommitSpec commit,
            ResourceSpec resources,
            ResumeSpec resume,
            PrepareSpec prepare,
            ValidationSpec validation) {}

    public PretrainSpec {
        if (method.stages().isEmpty()) {
            throw new IllegalArgumentException("stages must not be empty");
        }
        if (microBatchSize != null && !isMicroBatch(microBatchSize, batchSize)) {
            throw new FieldFault(
                    "microBatchSize",
                    "batchSize",
                    "must divide batchSize = " + batchSize + " and be below it, was " + microBatchSize + "; "
                            + nearest(microBatchSize, batchSize)
                                    .map(near -> near + " does; null takes the whole batch")
                                    .orElse("no number does: take another batchSize, or null for the whole batch"));
        }
    }

    private static boolean isMicroBatch(long size, int batchSize) {
        return size >= LEAST_MICRO_BATCH && size < batchSize && batchSize % size == 0;
    }

    private static Optional<Integer> nearest(long wanted, int batchSize) {
        return IntStream.rangeClosed(LEAST_MICRO_BATCH, batchSize / 2)
                .filter(size -> isMicroBatch(size, batchSize))
                .boxed()
                .min(Comparator.comparingLong(size -> Math.abs(size - wanted)));
    }

    /** Epochs of the whole plan. */
    public int epochs() {
        return method.stages().stream().mapToInt(MethodSpec.Stage::epochs).sum();
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
        List<Integer> plan = stageNumbers();
        int next = plan.indexOf(position.stage());
        if (next < 1) {
            throw new IllegalArgumentException("no stage of " + plan + " ends at " + position);
        }
        return plan.get(next - 1);
    }

    /** The numbers of the plan's stages, ascending. */
    public List<Integer> stageNumbers() {
        return method.stages().stream().map(stage -> (Integer) stage.stage()).toList();
    }

    /** The same pre-training on an ingested data set. */
    public PretrainSpec onDataset(String digest) {
        return with(new DataSpec(digest, null, data.split(), data.allowedLeaks()), execution);
    }

    /** The same pre-training elsewhere. */
    public PretrainSpec on(ResourceSpec other) {
        return with(
                data,
                new Execution(execution.commit, other, execution.resume, execution.prepare, execution.validation));
    }

    private PretrainSpec with(DataSpec otherData, Execution otherExecution) {
        return new PretrainSpec(
                name,
                experiment,
                profile,
                seed,
                batchSize,
                microBatchSize,
                method,
                otherData,
                initialWeights,
                optimizer,
                otherExecution);
    }
}
