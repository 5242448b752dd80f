package perdura.activities.cpu;

import io.temporal.activity.Activity;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.training.method.Methods;
import perdura.workflows.DataActivities;
import perdura.workflows.DataActivities.PreparedRun;

/** Prepares the data of a run and plans its steps. */
public final class DataActivitiesImpl implements DataActivities {
    private final Runs runs;
    private final DataPreparation data;

    public DataActivitiesImpl(Runs runs, DataPreparation data) {
        this.runs = runs;
        this.data = data;
    }

    @Override
    public PreparedRun prepareRun(String runId) {
        RunId id = new RunId(runId);
        Run run = runs.loadRun(id);
        PretrainSpec spec = Methods.load().specs().readStored(run.identity().spec());
        try (Heartbeat heartbeat = new Heartbeat(Activity.getExecutionContext())) {
            DataPlan plan = data.prepare(spec, run.binding().dataDigest(), heartbeat);
            runs.recordPlan(id, plan.dataDigest(), plan.totalSteps());
            return new PreparedRun(plan.dataDigest(), plan.studies(), plan.stepsPerEpoch(), plan.totalSteps());
        }
    }
}
