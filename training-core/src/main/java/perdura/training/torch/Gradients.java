package perdura.training.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of some parameters. The first backward pass after {@link #clear} makes them, further ones add to them; a
 * parameter that none reached has zeros. Between {@code clear} and the backward pass they take no memory, as those of PyTorch
 * after {@code zero_grad(set_to_none=True)}. No process-wide collector takes part.
 */
public final class Gradients implements AutoCloseable {
    private final Map<String, Leaf> leaves = new LinkedHashMap<>();

    /**
     * @param parameters the store of the parameters
     * @param names which of them are recorded from now on: floating-point tensors, at least one
     */
    public Gradients(Parameters parameters, List<String> names) {
        for (String name : names) {
            leaves.put(name, new Leaf(parameters.tensor(name)));
        }
        clear();
    }

    /** A parameter and its gradient. */
    private static final class Leaf {
        private final Tensor parameter;
        private final Tensor gradient = new Tensor(this::find);
        private @Nullable NDArray found;

        Leaf(Tensor parameter) {
            this.parameter = parameter;
        }

        private NDArray find() {
            NDArray known = found;
            if (known == null) {
                known = parameter.array().getGradient(); // each call makes a new handle, in the parameter's store
                found = known;
            }
            return known;
        }

        void release() {
            if (found != null) {
                found.close();
                found = null;
            }
        }

        /** Only a tensor that never had a gradient has none: the parameter goes on as one, in the same memory. */
        void clear() {
            release();
            NDArray old = parameter.array();
            NDArray fresh = old.stopGradient();
            fresh.setRequiresGradient(true);
            parameter.replace(fresh);
            old.close();
        }
    }

    /** The names of the parameters, in the order given. */
    public List<String> names() {
        return List.copyOf(leaves.keySet());
    }

    /** The gradients of the parameters of these names, in that order; the handles stay right for life. */
    public List<Tensor> tensors(List<String> names) {
        return names.stream().map(this::tensor).toList();
    }

    /**
     * The gradient of a parameter, to be read after the backward pass.
     *
     * @throws IllegalArgumentException if that parameter isn't recorded
     */
    public Tensor tensor(String name) {
        Leaf leaf = leaves.get(name);
        if (leaf == null) {
            throw new IllegalArgumentException("there is no gradient of " + name);
        }
        return leaf.gradient;
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

    /** Drops all gradients. To be called when the scopes of earlier passes are closed: what they recorded holds them. */
    public void clear() {
        leaves.values().forEach(Leaf::clear);
    }

    @Override
    public void close() {
        leaves.values().forEach(Leaf::release);
    }
}
