package perdura.store.relay;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/**
 * A run that has rows for MLflow and whose turn it is. Whoever has it holds the lock of its row.
 *
 * @param mlflowRunId null before the run exists over there
 * @param mlflowParentId the run over there below which this one stands; null: none
 * @param tries failures since the last success
 */
record Delivery(
        RunId runId,
        String experiment,
        String name,
        Instant createdAt,
        @Nullable String mlflowRunId,
        @Nullable String mlflowExperimentId,
        @Nullable String mlflowParentId,
        int tries) {}
