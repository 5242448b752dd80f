package perdura.training.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The gradients of some parameters. They are there from the start, as zeros, and stay the same tensors for life: a
 * backward pass adds to them, {@link #zero} clears them. No process-wide collector takes part.
 */
public final class Gradients implements AutoCloseable {
    private static final String SCRIPT = """
            def touch(self: __torch__.Script, p: List[Tensor]) -> Tensor:
              return torch.sum(torch.stack([torch.sum(torch.mul(x, 0.)) for x in p]))
            def zero(self: __torch__.Script, g: List[Tensor]) -> Tensor:
              _0 = torch._foreach_zero_(g)
              return g[0]
            """;

    private final Script script;
    private final NDManager store;
    private final Map<String, Tensor> gradients = new LinkedHashMap<>();

    /**
     * @param parameters the store of the parameters
     * @param names which of them are recorded from now on: floating-point tensors, at least one
     */
    public Gradients(Torch torch, Parameters parameters, List<String> names) {
        this.script = Script.compile(torch, SCRIPT);
        this.store = torch.newStore();
        List<Tensor> leaves = parameters.tensors(names);
        leaves.forEach(leaf -> leaf.array().setRequiresGradient(true));
        try (StepScope scope = torch.newStep()) {
            // A first backward pass makes the engine allocate the gradients.
            Tensor nothing =
                    record(() -> script.call(scope, "touch", List.of(leaves))).get(0);
            backward(scope, nothing);
            for (String name : names) {
                NDArray gradient = parameters.tensor(name).array().getGradient();
                gradient.attach(store);
                gradients.put(name, new Tensor(gradient));
            }
            zero(scope);
        }
    }

    /** The names of the parameters, in the order given. */
    public List<String> names() {
        return List.copyOf(gradients.keySet());
    }

    /** The gradients of the parameters of these names, in that order. */
    public List<Tensor> tensors(List<String> names) {
        return names.stream().map(this::tensor).toList();
    }

    /** @throws IllegalArgumentException if that parameter isn't recorded */
    public Tensor tensor(String name) {
        Tensor gradient = gradients.get(name);
        if (gradient == null) {
            throw new IllegalArgumentException("there is no gradient of " + name);
        }
        return gradient;
    }

    /** Runs a forward pass whose operations are recorded for {@link #backward}. */
    public static <T> T record(Supplier<T> forward) {
        JniUtils.setGradMode(true);
        try {
            return forward.get();
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    /**
     * Adds the gradients of {@code loss} to those of all recorded parameters; frees the graph.
     *
     * @param loss scalar [], a result of {@link #record}
     */
    public static void backward(StepScope scope, Tensor loss) {
        NDArray one = scope.manager().ones(loss.array().getShape(), loss.array().getDataType());
        try {
            JniUtils.backward((PtNDArray) loss.array(), (PtNDArray) one, false, false);
        } catch (EngineException e) {
            throw EngineErrors.translate("backward", e);
        }
    }

    /**
     * Has records begin at tensors of a step as they do at parameters: a backward pass gives them gradients, {@link #of}.
     *
     * @param leaves floating-point tensors, not results of a record
     */
    public static void startFrom(List<Tensor> leaves) {
        leaves.forEach(leaf -> leaf.array().setRequiresGradient(true));
    }

    /** The gradients that a backward pass gave tensors of {@link #startFrom}; they live as long as those. */
    public static List<Tensor> of(List<Tensor> leaves) {
        return leaves.stream()
                .map(leaf -> new Tensor(leaf.array().getGradient()))
                .toList();
    }

    /** Sets all gradients to zero, not-a-numbers too. */
    public void zero(StepScope scope) {
        script.call(scope, "zero", List.of(List.copyOf(gradients.values())));
    }

    @Override
    public void close() {
        store.close();
        script.close();
    }
}
