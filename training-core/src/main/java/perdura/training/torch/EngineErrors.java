package perdura.training.torch;

import ai.djl.engine.EngineException;
import java.util.List;
import java.util.Optional;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The one place where an engine's error becomes ours. The engine's binding hands every native error over as one Java
 * type, so that its text alone tells a full memory from a bug: the exception to the rule that text decides nothing.
 */
public final class EngineErrors {
    /** How libtorch's allocators begin: c10/core/impl/alloc_cpu.cpp and c10/cuda/CUDACachingAllocator.cpp. */
    private static final List<String> FULL_MEMORY = List.of(
            "DefaultCPUAllocator: can't allocate memory", "DefaultCPUAllocator: not enough memory", "out of memory");

    private EngineErrors() {}

    /** What an error of the engine's means; empty for any other one. */
    public static Optional<PerduraException> find(String doing, Throwable failure) {
        return failure instanceof EngineException e ? Optional.of(translate(doing, e)) : Optional.empty();
    }

    static PerduraException translate(String doing, EngineException e) {
        String message = String.valueOf(e.getMessage());
        if (FULL_MEMORY.stream().anyMatch(message::contains)) {
            return new PerduraException(
                    ErrorCode.OUT_OF_MEMORY,
                    "the device's memory is full in " + doing + "; a smaller batchSize or model needs less",
                    e);
        }
        return new PerduraException(ErrorCode.INTERNAL, "the engine failed in " + doing + ": " + message, e);
    }
}
