package perdura.grids.spec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        method.checkBatch(batchSize);
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
     * Optimiser steps of one epoch of a run; all its epochs have as many. At least 1.
     *
     * @param totalSteps optimiser steps of the whole run
     */
    public long stepsPerEpoch(long totalSteps) {
        return Math.max(1, totalSteps / epochs());
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

    /**
     * What must have happened before a pre-training looks at its data. It does not decide the result, since the data does.
     *
     * @param airflow the DAG that must have run, or null for none
     */
    public record PrepareSpec(@Nullable AirflowSpec airflow) {
        /** Nothing. */
        public static final PrepareSpec NONE = new PrepareSpec(null);
    }

    /**
     * What happens when an attempt begins in another environment (engine version, thread count, kind of processor) than the
     * run did.
     */
    public record ResumeSpec(Environment environment) {
        /** Decline the attempt, or record the step from which bit equality is no longer promised. */
        public enum Environment {
            REFUSE,
            RECORD
        }
    }

    /**
     * When a run commits, and how many checkpoints it keeps. Neither changes the run's bits.
     *
     * @param every time between two commits
     * @param everySteps steps between two commits, or null for none by steps; the first of both rules that is due decides
     * @param keep newest checkpoints to keep, at least 2, beside those at stage ends and the best
     */
    public record CommitSpec(Duration every, @Nullable Long everySteps, int keep) {}

    /**
     * What a pre-training is measured on at the end of each epoch: pairs of the validate split, which enter no step. It does not change
     * the run's bits.
     *
     * @param pairs most pairs, spread evenly over the split; 0: nothing is measured
     */
    public record ValidationSpec(int pairs) {
        /** No validation. */
        public static final ValidationSpec NONE = new ValidationSpec(0);
    }

    /**
     * A DAG of Airflow that must have run before a pre-training begins.
     *
     * @param dag its id: 1 to 250 letters, digits, dashes, dots and underscores
     * @param conf what the DAG run is given: a JSON object in the order of the file, whose values are null, {@code Boolean},
     *     {@code Long}, {@code Double}, {@code String}, {@code List} and {@code Map}; may be empty
     */
    public record AirflowSpec(String dag, Map<String, @Nullable Object> conf) {
        public AirflowSpec {
            conf = copy(conf);
        }

        private static Map<String, @Nullable Object> copy(Map<?, ? extends @Nullable Object> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> copy.put((String) key, copyValue(value)));
            return Collections.unmodifiableMap(copy);
        }

        private static @Nullable Object copyValue(@Nullable Object value) {
            if (value instanceof Map<?, ?> map) {
                return copy(map);
            }
            if (value instanceof List<?> list) {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(item -> copy.add(copyValue(item)));
                return Collections.unmodifiableList(copy);
            }
            return value;
        }
    }

    /**
     * Imported weights that the encoders of a pre-training begin with; null for the first values of its seed.
     *
     * @param image digest of the weights of the image encoder
     * @param text digest of the weights of the text encoder
     */
    public record InitialWeightsSpec(
            @Nullable String image, @Nullable String text) {
        /** Every weight begins with the first value of the seed. */
        public static final InitialWeightsSpec NONE = new InitialWeightsSpec(null, null);
    }
}
