package perdura.training.nn;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.training.torch.Parameters;
import perdura.training.torch.Tensor;

/**
 * The TorchScript of a forward pass while modules write it. Every function gets the list {@code p}: the parameters and
 * buffers that the text uses, in the order of their first use. So a program knows what it trains: exactly the parameters
 * that it names.
 */
public final class ScriptBuilder {
    /** How BatchNorm and dropout act. */
    public enum Mode {
        /** Statistics of the batch, running statistics updated; dropout on. */
        TRAIN,
        /** As {@code TRAIN}, but no running statistics move: the first of two passes over the same batch. */
        REHEARSE,
        /** Running statistics; dropout off. */
        EVAL,
        /** As {@code EVAL}, but weight and bias of BatchNorm are no parameters; torchvision's FrozenBatchNorm2d. */
        CONSTANT_NORM;

        /** Whether random draws take part. */
        public boolean draws() {
            return this == TRAIN || this == REHEARSE;
        }
    }

    private final Mode mode;
    private final Map<String, Integer> indexes = new LinkedHashMap<>();
    private final Set<String> trained = new LinkedHashSet<>();
    private final Map<String, String> functions = new LinkedHashMap<>();

    public ScriptBuilder(Mode mode) {
        this.mode = mode;
    }

    /** The text to compile. */
    public String text() {
        return String.join("", functions.values());
    }

    /** The tensors that a call's first list must hold. */
    public List<Tensor> arguments(Parameters parameters) {
        return parameters.tensors(List.copyOf(indexes.keySet()));
    }

    /** The parameters that the text uses; the backward pass reaches these and no others. */
    public List<String> trained() {
        return List.copyOf(trained);
    }

    /**
     * Writes a function; writing one of the same name again replaces it.
     *
     * @param arguments what follows {@code p}, for instance {@code x: Tensor}; may be empty
     * @param result type of the result
     * @param body statements, not indented
     */
    public void function(String name, String arguments, String result, String body) {
        String inputs = arguments.isEmpty() ? "" : ", " + arguments;
        String head = "def " + name + "(self: __torch__.Script, p: List[Tensor]" + inputs + ") -> " + result + ":\n";
        functions.put(name, head + body.indent(2));
    }

    /** The expression of a parameter. */
    public String parameter(String name) {
        trained.add(name);
        return buffer(name);
    }

    /** The expression of a tensor that isn't trained. */
    public String buffer(String name) {
        return "p[" + indexes.computeIfAbsent(name, added -> indexes.size()) + "]";
    }

    /** {@code x} [..., in] to [..., out]; torch.nn.Linear. */
    public String linear(String name, String x) {
        return "torch.linear(%s, %s, %s)".formatted(x, parameter(name + ".weight"), parameter(name + ".bias"));
    }

    /** {@code x} [B, in, h, w] to [B, out, h', w'], no bias; torch.nn.Conv2d. */
    public String convolution(String name, String x, int stride, int padding) {
        return "torch.conv2d(%s, %s, None, [%d, %d], [%d, %d])"
                .formatted(x, parameter(name + ".weight"), stride, stride, padding, padding);
    }

    /** Over the last axis; torch.nn.LayerNorm with Hugging Face's epsilon. */
    public String layerNorm(String name, String x, int width) {
        return "torch.layer_norm(%s, [%d], %s, %s, 1e-12)"
                .formatted(x, width, parameter(name + ".weight"), parameter(name + ".bias"));
    }

    /** [B, C, h, w]; torch.nn.BatchNorm2d. In train mode it moves the running statistics and counts the batch. */
    public String batchNorm(String name, String x) {
        function(
                "batch_norm",
                "x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, count: Tensor",
                "Tensor",
                switch (mode) {
                    case TRAIN -> """
                        _0 = torch.add_(count, 1)
                        return torch.batch_norm(x, weight, bias, mean, variance, True, 0.1, 1e-05, True)
                        """;
                    case REHEARSE -> "return torch.batch_norm(x, weight, bias, None, None, True, 0.1, 1e-05, True)\n";
                    case EVAL, CONSTANT_NORM ->
                        "return torch.batch_norm(x, weight, bias, mean, variance, False, 0.1, 1e-05, True)\n";
                });
        boolean isConstant = mode == Mode.CONSTANT_NORM;
        return "self.batch_norm(p, %s, %s, %s, %s, %s, %s)"
                .formatted(
                        x,
                        isConstant ? buffer(name + ".weight") : parameter(name + ".weight"),
                        isConstant ? buffer(name + ".bias") : parameter(name + ".bias"),
                        buffer(name + ".running_mean"),
                        buffer(name + ".running_var"),
                        buffer(name + ".num_batches_tracked"));
    }

    /**
     * The share of {@code x} that dropout leaves, scaled; {@code x} itself where nothing is dropped. On a processor torch.dropout
     * draws the same numbers and keeps them as floats until the backward pass, this operation as booleans.
     */
    public String dropout(String x, double probability) {
        if (!isDropping(probability)) {
            return x;
        }
        function("dropout", "x: Tensor, probability: float", "Tensor", """
                y, kept, = torch.native_dropout(x, probability, True)
                return y
                """);
        return "self.dropout(p, " + x + ", " + probability + ")";
    }

    /** Whether something is dropped in this mode. */
    public boolean isDropping(double probability) {
        return mode.draws() && probability > 0;
    }
}
