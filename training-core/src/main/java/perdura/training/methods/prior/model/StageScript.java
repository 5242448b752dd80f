package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A stage's text, compiled, on a store of parameters. */
final class StageScript implements AutoCloseable {
    /**
     * What a pass gets besides the batch and its noise.
     *
     * @param gradients of the embeddings, or empty where the text wants none
     * @param first numbers that {@code align} alone gets, before the others
     * @param both numbers that {@code align} and {@code generate} get
     */
    record Extras(List<Tensor> gradients, List<Tensor> first, List<Tensor> both) {
        static final Extras NONE = new Extras(List.of(), List.of(), List.of());
    }

    private final StageProgram text;
    private final Script script;
    private final List<Tensor> arguments;

    StageScript(Torch torch, Parameters parameters, StageProgram text) {
        this.text = text;
        this.script = Script.compile(torch, text.program().text());
        this.arguments = text.program().arguments(parameters);
    }

    StageProgram text() {
        return text;
    }

    /**
     * The results of {@code align} by their names.
     *
     * @param batch images [B, 1, S, S], ids, attention mask and sentence map [B, L] (int64)
     */
    Map<String, Tensor> align(StepScope scope, List<Tensor> batch, StageNoise noise, double tau, Extras extras) {
        List<Tensor> inputs = new ArrayList<>(batch);
        if (text.needs().query()) {
            inputs.add(Objects.requireNonNull(noise.query()));
            inputs.add(scope.scalar(tau));
        }
        if (text.needs().keep()) {
            inputs.add(Objects.requireNonNull(noise.keep()));
        }
        inputs.addAll(extras.first());
        inputs.addAll(extras.both());
        return named(text.aligned(), call(scope, "align", List.of(), extras, inputs));
    }

    /**
     * Adds what {@code generate} gives to the results of {@code align}.
     *
     * @param map sentence map [B, L]
     * @param inverse the query of each target [B, Q], int64
     */
    void generate(
            StepScope scope,
            Map<String, Tensor> tensors,
            Tensor map,
            Tensor inverse,
            StageNoise noise,
            double tau,
            Extras extras) {
        List<Tensor> inputs = new ArrayList<>(List.of(map, inverse));
        if (text.needs().requery()) {
            inputs.add(Objects.requireNonNull(noise.requery()));
            inputs.add(scope.scalar(tau));
        }
        inputs.addAll(extras.both());
        List<Tensor> carried =
                text.carried().stream().map(name -> take(tensors, name)).toList();
        tensors.putAll(named(text.generated(), call(scope, "generate", List.of(carried), extras, inputs)));
    }

    private List<Tensor> call(
            StepScope scope, String function, List<List<Tensor>> lists, Extras extras, List<Tensor> inputs) {
        List<List<Tensor>> all = new ArrayList<>();
        all.add(arguments);
        all.addAll(lists);
        if (!extras.gradients().isEmpty()) {
            all.add(extras.gradients());
        }
        return script.call(scope, function, all, inputs.toArray(Tensor[]::new));
    }

    /**
     * The terms that compare samples; see {@link MixScript}.
     *
     * @param embeddings for each of the text's embeddings a tensor for each chunk
     * @return the weighted sum, and the losses
     */
    List<Tensor> mix(StepScope scope, List<List<Tensor>> embeddings, Tensor map, Tensor most) {
        List<List<Tensor>> all = new ArrayList<>();
        all.add(arguments);
        all.addAll(embeddings);
        return script.call(scope, "mix", all, map, most);
    }

    private static Map<String, Tensor> named(List<String> names, List<Tensor> tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < tensors.size(); i++) {
            named.put(names.get(i), tensors.get(i));
        }
        return named;
    }

    static Tensor take(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the forward pass gives no " + name);
        }
        return tensor;
    }

    /** The figures of a pass by their names. */
    static Map<String, Double> figures(List<String> names, Tensor stacked) {
        double[] values = stacked.toDoubles();
        Map<String, Double> figures = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            figures.put(names.get(i), values[i]);
        }
        return figures;
    }

    /** Takes counts out of the results; null without the bank. */
    static @Nullable PrototypeCounts counts(Map<String, Tensor> tensors, String name) {
        Tensor counts = tensors.remove(name);
        return counts == null ? null : PrototypeCounts.of(counts.toDoubles());
    }

    @Override
    public void close() {
        script.close();
    }
}
