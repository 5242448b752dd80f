package perdura.training.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.StageSpec;
import perdura.training.model.Program.Mode;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
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

    private final StageText text;
    private final Script script;
    private final List<Tensor> arguments;

    /**
     * Compiles the pass.
     *
     * @param mode in {@code EVAL} the bank is asked without noise at its evaluation temperature and nothing is hidden
     */
    public StageForward(Torch torch, Parameters parameters, Prior prior, StageSpec stage, Mode mode) {
        this.text = new StageText(prior, stage, mode);
        this.script = Script.compile(torch, text.program().text());
        this.arguments = text.program().arguments(parameters);
    }

    /** The parameters that a backward pass reaches, for a stage of a model. */
    public static List<String> trained(Prior prior, StageSpec stage) {
        return new StageText(prior, stage, Mode.TRAIN).program().trained();
    }

    /** The parameters that a backward pass reaches. */
    public List<String> trained() {
        return text.program().trained();
    }

    /**
     * Sentences M of a batch that take part.
     *
     * @param longest sentences of its longest report
     */
    public int sentences(int longest) {
        return text.sentences(longest);
    }

    /** Which random numbers a pass needs. */
    public StageNoise.Needs needs() {
        return text.needs();
    }

    /**
     * Runs the pass, within {@link perdura.training.torch.Gradients#record} if a backward pass follows.
     *
     * @param batch images [B, 1, S, S], ids, attention mask and sentence map [B, L] (int64)
     * @param noise what {@link #needs} tells
     * @param tau temperature of the step; unused without the bank
     */
    public Result run(StepScope scope, List<Tensor> batch, StageNoise noise, double tau) {
        List<Tensor> inputs = new ArrayList<>(batch);
        if (noise.query() != null) {
            inputs.add(noise.query());
            inputs.add(scope.scalar(tau));
        }
        if (noise.keep() != null) {
            inputs.add(noise.keep());
        }
        Map<String, Tensor> tensors =
                named(text.aligned(), script.call(scope, "align", List.of(arguments), inputs.toArray(Tensor[]::new)));
        if (text.generates()) {
            generate(scope, batch.get(3), noise, tau, tensors);
        }
        return new Result(
                take(tensors, StageText.TOTAL),
                figures(take(tensors, StageText.FIGURES)),
                counts(tensors, StageText.COUNTS),
                counts(tensors, StageText.QUERY_COUNTS),
                tensors);
    }

    /** Goes on after the matching, and adds what that gives. */
    private void generate(StepScope scope, Tensor map, StageNoise noise, double tau, Map<String, Tensor> tensors) {
        Tensor inverse = match(scope, take(tensors, StageText.COST));
        List<Tensor> inputs = new ArrayList<>(List.of(map, inverse));
        if (noise.requery() != null) {
            inputs.add(noise.requery());
            inputs.add(scope.scalar(tau));
        }
        List<Tensor> carried =
                text.carried().stream().map(name -> take(tensors, name)).toList();
        tensors.putAll(named(
                text.generated(),
                script.call(scope, "generate", List.of(arguments, carried), inputs.toArray(Tensor[]::new))));
        tensors.put("inverse", inverse);
    }

    /**
     * The matching of predictions to targets; {@link Assignment} says which.
     *
     * @param cost [B, Q, Q]
     * @return the query of each target [B, Q], int64
     */
    static Tensor match(StepScope scope, Tensor cost) {
        double[] costs = cost.toDoubles();
        int samples = Math.toIntExact(cost.shape().get(0));
        int queries = Math.toIntExact(cost.shape().get(1));
        Assignment assignment = new Assignment(queries);
        LongBuffer inverse = ByteBuffer.allocateDirect(8 * samples * queries)
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
        for (int sample = 0; sample < samples; sample++) {
            inverse.put(assignment.solve(costs, sample));
        }
        return scope.longs(inverse.flip(), samples, queries);
    }

    private Map<String, Double> figures(Tensor stacked) {
        double[] values = stacked.toDoubles();
        Map<String, Double> figures = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            figures.put(text.figures().get(i), values[i]);
        }
        return figures;
    }

    private static @Nullable PrototypeCounts counts(Map<String, Tensor> tensors, String name) {
        Tensor counts = tensors.remove(name);
        return counts == null ? null : PrototypeCounts.of(counts.toDoubles());
    }

    private static Map<String, Tensor> named(List<String> names, List<Tensor> tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < tensors.size(); i++) {
            named.put(names.get(i), tensors.get(i));
        }
        return named;
    }

    private static Tensor take(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the forward pass gives no " + name);
        }
        return tensor;
    }

    @Override
    public void close() {
        script.close();
    }
}
