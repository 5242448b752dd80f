package perdura.training.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PerduraException;
import perdura.training.weights.file.FileTensor;

/** The tensors of one module: those of a file whose names begin with a prefix, under their names without it. */
final class Part {
    private final String prefix;
    private final String target;
    private final Map<String, FileTensor> tensors;
    private final ImportIssues findings;

    /**
     * @param prefix of the module in the file, with its last dot; may be empty
     * @param target what the names get in front in the imported file; may be empty
     * @param rename from the file's name (without the prefix) to ours
     */
    Part(List<FileTensor> all, String prefix, String target, UnaryOperator<String> rename, ImportIssues findings) {
        this.prefix = prefix;
        this.target = target;
        this.findings = findings;
        this.tensors = new LinkedHashMap<>();
        for (FileTensor tensor : all) {
            if (tensor.name().startsWith(prefix)) {
                String name = rename.apply(tensor.name().substring(prefix.length()));
                FileTensor other = tensors.put(name, tensor);
                if (other != null) {
                    findings.problem(other.name() + " and " + tensor.name() + " are both " + name);
                }
            }
        }
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    boolean isEmpty() {
        return tensors.isEmpty();
    }

    /**
     * The shape of a tensor that must be there.
     *
     * @throws PerduraException INVALID_WEIGHTS if it is missing or has another number of axes
     */
    List<Long> shape(String name, int axes) {
        FileTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw findings.refusal("tensor " + prefix + name + " is missing");
        }
        if (tensor.shape().size() != axes || tensor.shape().stream().anyMatch(size -> size < 1 || size > 1 << 24)) {
            throw findings.refusal("tensor " + tensor.name() + " has shape " + tensor.shape() + ", expected " + axes
                    + " sizes between 1 and " + (1 << 24));
        }
        return tensor.shape();
    }

    /** Whether the tensor is there with this number of axes, and its size along one. */
    int size(String name, int axes, int axis) {
        return shape(name, axes).get(axis).intValue();
    }

    /** How many of {@code before0after, before1after, ...} there are without a gap. */
    int count(String before, String after) {
        int count = 0;
        while (has(before + count + after)) {
            count++;
        }
        return count;
    }

    /**
     * Takes every tensor of these names and shapes; what is missing or of another shape or kind is a problem.
     *
     * @param optional why a missing tensor stays at its initial value, or null if it must be there
     */
    void takeAll(Map<String, List<Long>> expected, Optional optional) {
        expected.forEach((name, shape) -> {
            FileTensor tensor = tensors.get(name);
            String reason = tensor == null ? optional.reason(name) : null;
            if (reason != null) {
                findings.leaveInitial(target + name, reason);
            } else if (tensor == null) {
                findings.problem("tensor " + prefix + name + " " + shape + " is missing");
            } else {
                take(name, tensor, shape);
            }
        });
    }

    /** Why a missing tensor is none. */
    interface Optional {
        /** Null if it must be there. */
        @Nullable
        String reason(String name);
    }

    private void take(String name, FileTensor tensor, List<Long> shape) {
        boolean isCount = name.endsWith("num_batches_tracked");
        if (!tensor.shape().equals(shape)) {
            findings.problem("tensor " + tensor.name() + " has shape " + tensor.shape() + ", expected " + shape);
        } else if (!tensor.type().isReadable() || tensor.type().isFloating() == isCount) {
            findings.problem("tensor " + tensor.name() + " is of " + tensor.type() + ", expected "
                    + (isCount ? "integers" : "F32, F64, F16 or BF16"));
        } else {
            findings.take(target + name, tensor);
        }
    }

    /** All that the module has besides these names. */
    List<String> othersThan(Map<String, List<Long>> known) {
        return tensors.keySet().stream()
                .filter(name -> !known.containsKey(name))
                .toList();
    }

    /** The name in the file. */
    String fileName(String name) {
        FileTensor tensor = tensors.get(name);
        return tensor == null ? prefix + name : tensor.name();
    }
}
