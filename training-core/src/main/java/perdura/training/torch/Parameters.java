package perdura.training.torch;

import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/** Named tensors in the engine's own memory, in the order in which they were added: weights, buffers or moments. */
public final class Parameters implements AutoCloseable {
    private static final String SCRIPT = """
            def copy(self: __torch__.Script, to: Tensor, source: Tensor) -> Tensor:
              return torch.copy_(to, source)
            def host(self: __torch__.Script, x: Tensor) -> Tensor:
              return torch.contiguous(torch.cpu(torch.detach(x)))
            """;

    private final Torch torch;
    private final Script script;
    private final NDManager store;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, HostTensor> copies = new LinkedHashMap<>();

    public Parameters(Torch torch) {
        this.torch = torch;
        this.script = Script.compile(torch, SCRIPT);
        this.store = torch.newStore();
    }

    /** Adds a tensor of zeros. */
    public void add(String name, ElementType type, List<Long> shape) {
        if (tensors.containsKey(name)) {
            throw new IllegalArgumentException("there is a tensor " + name + " already");
        }
        tensors.put(name, new Tensor(store.zeros(StepScope.shape(shape), StepScope.dataType(type))));
    }

    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("there is no tensor " + name);
        }
        return tensor;
    }

    /** The tensors of these names, in the order of the names. */
    public List<Tensor> tensors(List<String> names) {
        return names.stream().map(this::tensor).toList();
    }

    /**
     * Copies all tensors to host memory that later steps don't touch. The next call writes to the same memory: new pages
     * for a large model take twenty times as long as the copy.
     */
    public List<HostTensor> copyOut() {
        tensors.forEach((name, tensor) -> {
            HostTensor copy = copies.computeIfAbsent(name, added -> allocate(name, tensor));
            try (StepScope scope = torch.newStep()) {
                Tensor host = script.call(scope, "host", List.of(), tensor).get(0);
                copy.data().duplicate().put(host.array().toByteBuffer(true));
            }
        });
        return List.copyOf(copies.values());
    }

    private static HostTensor allocate(String name, Tensor tensor) {
        long elements = tensor.shape().stream().reduce(1L, Math::multiplyExact);
        int bytes = Math.toIntExact(elements * tensor.type().sizeBytes());
        ByteBuffer data = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new HostTensor(name, tensor.type(), tensor.shape(), data);
    }

    /**
     * Replaces the values of all tensors.
     *
     * @param values one of each name, in any order
     * @throws PerduraException CHECKPOINT_DAMAGED if a name is missing or unknown, or a type or shape differs; nothing
     *     is replaced then
     */
    public void copyIn(List<HostTensor> values) {
        Set<String> missing = new LinkedHashSet<>(tensors.keySet());
        for (HostTensor value : values) {
            check(value);
            if (!missing.remove(value.name())) {
                throw damaged(value.name(), "stands there twice");
            }
        }
        if (!missing.isEmpty()) {
            throw damaged(missing.iterator().next(), "is missing, with " + (missing.size() - 1) + " others");
        }
        values.forEach(this::copyIn);
    }

    /** Replaces the value of one tensor; {@link #copyIn(List)} says what is refused. */
    public void copyIn(HostTensor value) {
        check(value);
        try (StepScope scope = torch.newStep()) {
            script.call(scope, "copy", List.of(), tensor(value.name()), scope.tensor(value));
        }
    }

    private void check(HostTensor value) {
        Tensor tensor = tensors.get(value.name());
        if (tensor == null) {
            throw damaged(value.name(), "is unknown to this model");
        }
        if (!tensor.shape().equals(value.shape()) || tensor.type() != value.type()) {
            throw damaged(
                    value.name(),
                    "must be " + tensor.type() + tensor.shape() + ", was " + value.type() + value.shape());
        }
    }

    private static PerduraException damaged(String name, String what) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, "tensor " + name + " " + what);
    }

    @Override
    public void close() {
        store.close();
        script.close();
    }
}
