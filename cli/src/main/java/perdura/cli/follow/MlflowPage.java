package perdura.cli.follow;

import java.util.Optional;
import perdura.store.Run;
import perdura.store.relay.MlflowConfig;

/** Where a run's curves are in MLflow's own pages. */
public final class MlflowPage {
    private MlflowPage() {}

    /** The page's address; empty as long as MLflow, if there is any, does not know the run. */
    public static Optional<String> find(Optional<MlflowConfig> mlflow, Run run) {
        if (run.mlflowRunId() == null || run.mlflowExperimentId() == null) {
            return Optional.empty();
        }
        // Without the workflow type MLflow shows the run as an evaluation of a language model.
        return mlflow.map(server -> server.trackingUri() + "/#/experiments/" + run.mlflowExperimentId() + "/runs/"
                + run.mlflowRunId() + "/model-metrics?workflowType=machine_learning");
    }
}
