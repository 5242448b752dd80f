package perdura.training.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.Parameters;
import perdura.training.torch.Torch;

/** Names, shapes and first values of a model's parameters and buffers, in a fixed order. */
public final class StateDictLayout {
    /** A parameter or a buffer; {@code counter} marks BatchNorm's int64 count of batches. */
    public record Entry(String name, List<Long> shape, Init init, boolean parameter, boolean counter) {}

    private final List<Entry> entries = new ArrayList<>();

    /** Parameters (not buffers) whose names begin with {@code prefix}, counted in numbers. */
    public long countParameters(String prefix) {
        return entries.stream()
                .filter(entry -> entry.parameter() && entry.name().startsWith(prefix))
                .mapToLong(entry -> entry.shape().stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** Numbers in the parameters and buffers of these names. */
    public long countNumbers(List<String> names) {
        Map<String, List<Long>> shapes = shapes();
        return names.stream()
                .mapToLong(name ->
                        Objects.requireNonNull(shapes.get(name), name).stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** Names of all parameters, buffers left out. */
    public List<String> parameterNames() {
        return entries.stream().filter(Entry::parameter).map(Entry::name).toList();
    }

    /** Shapes of all parameters and buffers by name, in the layout's order. */
    public Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        entries.forEach(entry -> shapes.put(entry.name(), entry.shape()));
        return Collections.unmodifiableMap(shapes);
    }

    /**
     * A store with these tensors, all zero.
     *
     * @param type F32, or F64 for a comparison with exact numbers
     */
    public Parameters allocate(Torch torch, ElementType type) {
        Parameters parameters = new Parameters(torch);
        for (Entry entry : entries) {
            parameters.add(entry.name(), entry.counter() ? ElementType.I64 : type, entry.shape());
        }
        return parameters;
    }

    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    public void parameter(String name, Init init, long... shape) {
        add(name, init, true, false, shape);
    }

    /** {@code name.weight} [out, in] and {@code name.bias} [out] with PyTorch's default values. */
    public void linear(String name, long in, long out) {
        linear(name, in, out, Init.fanIn(in), Init.fanIn(in));
    }

    public void linear(String name, long in, long out, Init weight, Init bias) {
        parameter(name + ".weight", weight, out, in);
        parameter(name + ".bias", bias, out);
    }

    /** {@code name.weight} [out, in, side, side], no bias. */
    public void convolution(String name, long in, long out, long side, Init weight) {
        parameter(name + ".weight", weight, out, in, side, side);
    }

    /** {@code name.weight} and {@code name.bias}: 1 and 0. */
    public void layerNorm(String name, long width) {
        parameter(name + ".weight", Init.constant(1), width);
        parameter(name + ".bias", Init.constant(0), width);
    }

    /** Weight, bias and the buffers {@code running_mean}, {@code running_var}, {@code num_batches_tracked}. */
    public void batchNorm(String name, long channels) {
        layerNorm(name, channels);
        add(name + ".running_mean", Init.constant(0), false, false, channels);
        add(name + ".running_var", Init.constant(1), false, false, channels);
        add(name + ".num_batches_tracked", Init.constant(0), false, true);
    }

    private void add(String name, Init init, boolean parameter, boolean counter, long... shape) {
        List<Long> sizes = new ArrayList<>();
        for (long size : shape) {
            sizes.add(size);
        }
        entries.add(new Entry(name, List.copyOf(sizes), init, parameter, counter));
    }
}
