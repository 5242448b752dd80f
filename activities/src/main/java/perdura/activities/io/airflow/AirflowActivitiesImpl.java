package perdura.activities.io.airflow;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;
import java.util.Objects;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.RunId;
import perdura.store.Events;
import perdura.store.Runs;
import perdura.training.method.Methods;
import perdura.workflows.AirflowActivities;
import perdura.workflows.AirflowActivities.FinishedDag;

/** Has the DAG of a run's spec run, beating all the time. */
public final class AirflowActivitiesImpl implements AirflowActivities {
    /** Airflow takes about two seconds to begin a task, and DAGs take minutes. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(20);

    private final Runs runs;
    private final DagRunner runner;

    public AirflowActivitiesImpl(AirflowConfig config, DurableEffects effects, Runs runs, Events events) {
        this.runs = runs;
        this.runner = new DagRunner(config, AirflowClient.service(config, effects), events, LOOK_EVERY);
    }

    @Override
    public FinishedDag runDag(String runId) {
        RunId id = new RunId(runId);
        AirflowSpec airflow = Objects.requireNonNull(Methods.load()
                .specs()
                .readStored(runs.loadRun(id).identity().spec())
                .execution()
                .prepare()
                .airflow());
        ActivityExecutionContext context = Activity.getExecutionContext();
        try {
            return runner.run(id, airflow, patience(context), () -> context.heartbeat(airflow.dag()));
        } catch (ActivityWorkerShutdownException e) {
            throw new PerduraException(ErrorCode.PREEMPTED, "the worker shuts down; the DAG run goes on", e);
        }
    }

    /** Less than the heartbeat's time-out, since nothing beats during a request. */
    private static Duration patience(ActivityExecutionContext context) {
        Duration third = context.getInfo().getHeartbeatTimeout().dividedBy(3);
        return third.isZero() || third.compareTo(LONGEST_PATIENCE) > 0 ? LONGEST_PATIENCE : third;
    }
}
