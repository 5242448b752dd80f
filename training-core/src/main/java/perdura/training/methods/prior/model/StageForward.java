package perdura.training.methods.prior.model;

import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DirectBuffers;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The forward pass of one stage (prior.md 2.9), ready to run: one call of the engine, or two where the predicted prototypes
 * are matched on the host between them.
 */
public final class StageForward implements AutoCloseable {
    /**
     * What a forward pass gives.
     *
     * @param total the weighted sum of the losses [], to go back from
     * @param figures each loss before weighting, as {@code loss_global}, and what else is told of a step, in a fixed order
     * @param counts by the greatest weight of each sentence without noise; null without the bank
     * @param queryCounts the same for the queries as they were made, with noise
     * @param tensors intermediate values by their names in the specification
     */
    public record Result(
            Tensor total,
            Map<String, Double> figures,
            @Nullable PrototypeCounts counts,
            @Nullable PrototypeCounts queryCounts,
            Map<String, Tensor> tensors) {}

    private final StageScript script;

    /**
     * Compiles the pass.
     *
     * @param mode in {@code EVAL} the bank is asked without noise at its evaluation temperature and nothing is hidden
     */
    public StageForward(Torch torch, Parameters parameters, Prior prior, StageSpec stage, Mode mode) {
        this(torch, parameters, new StageProgram(prior, stage, mode));
    }

    StageForward(Torch torch, Parameters parameters, StageProgram text) {
        this.script = new StageScript(torch, parameters, text);
    }

    /** The parameters that a backward pass reaches, for a stage of a model. */
    public static List<String> trained(Prior prior, StageSpec stage) {
        return new StageProgram(prior, stage, Mode.TRAIN).program().trained();
    }

    /** The parameters that a backward pass reaches. */
    public List<String> trained() {
        return script.text().program().trained();
    }

    /**
     * Sentences M of a batch that take part.
     *
     * @param longest sentences of its longest report
     */
    public int sentences(int longest) {
        return script.text().sentences(longest);
    }

    /** Which random numbers a pass needs. */
    public StageNoise.Needs needs() {
        return script.text().needs();
    }

    /**
     * Runs the pass, within {@link perdura.training.torch.Gradients#record} if a backward pass follows.
     *
     * @param batch images [B, 1, S, S], ids, attention mask and sentence map [B, L] (int64)
     * @param noise what {@link #needs} tells
     * @param tau temperature of the step; unused without the bank
     */
    public Result run(StepScope scope, List<Tensor> batch, StageNoise noise, double tau) {
        StageScript.Extras none = StageScript.Extras.NONE;
        Map<String, Tensor> tensors = script.align(scope, batch, noise, tau, none);
        if (script.text().generates()) {
            Tensor inverse = match(scope, StageScript.take(tensors, StageProgram.COST));
            script.generate(scope, tensors, batch.get(3), inverse, noise, tau, none);
            tensors.put("inverse", inverse);
        }
        return new Result(
                StageScript.take(tensors, StageProgram.TOTAL),
                StageScript.figures(script.text().figures(), StageScript.take(tensors, StageProgram.FIGURES)),
                StageScript.counts(tensors, StageProgram.COUNTS),
                StageScript.counts(tensors, StageProgram.QUERY_COUNTS),
                tensors);
    }

    /**
     * The matching of predictions to targets; {@link LinearAssignment} says which.
     *
     * @param cost [B, Q, Q]
     * @return the query of each target [B, Q], int64
     */
    static Tensor match(StepScope scope, Tensor cost) {
        double[] costs = cost.toDoubles();
        int samples = Math.toIntExact(cost.shape().get(0));
        int queries = Math.toIntExact(cost.shape().get(1));
        LinearAssignment assignment = new LinearAssignment(queries);
        LongBuffer inverse = DirectBuffers.longs(samples * queries);
        for (int sample = 0; sample < samples; sample++) {
            inverse.put(assignment.solve(costs, sample));
        }
        return scope.longs(inverse.flip(), samples, queries);
    }

    @Override
    public void close() {
        script.close();
    }
}
