package perdura.experiments.compare;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.store.Run;
import perdura.store.relay.MlflowConfig;

/** Where a run's curves are in MLflow's own pages. */
public final class MlflowPage {
    private MlflowPage() {}

    /** The page's address; empty as long as MLflow, if there is any, does not know the run. */
    public static Optional<String> find(Optional<MlflowConfig> mlflow, Run run) {
        return mlflow.flatMap(server -> find(
                server.trackingUri().toString(),
                run.mlflow().experimentId(),
                run.mlflow().runId()));
    }

    /** As above, by MLflow's ids; null for one that it has not given yet. */
    public static Optional<String> find(
            String trackingUri, @Nullable String experimentId, @Nullable String mlflowRunId) {
        if (experimentId == null || mlflowRunId == null) {
            return Optional.empty();
        }
        // Without the workflow type MLflow shows the run as an evaluation of a language model.
        return Optional.of(trackingUri + "/#/experiments/" + experimentId + "/runs/" + mlflowRunId
                + "/model-metrics?workflowType=machine_learning");
    }
}
