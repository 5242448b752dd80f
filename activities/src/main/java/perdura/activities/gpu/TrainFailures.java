package perdura.activities.gpu;

import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.torch.EngineErrors;

/** What made a training fail, in our words. */
final class TrainFailures {
    private TrainFailures() {}

    /**
     * Memory that is full outside of the heap comes as an {@code OutOfMemoryError}, or as an error of the engine; a full heap
     * ends the process.
     */
    static PerduraException translate(Throwable failure) {
        if (failure instanceof PerduraException known) {
            return known;
        }
        if (failure instanceof OutOfMemoryError) {
            return new PerduraException(
                    ErrorCode.OUT_OF_MEMORY,
                    "the process has no memory left (" + failure.getMessage() + "); a smaller batchSize or model needs"
                            + " less",
                    failure);
        }
        return EngineErrors.find("training", failure)
                .orElseGet(() -> new PerduraException(ErrorCode.INTERNAL, "training failed: " + failure, failure));
    }
}
