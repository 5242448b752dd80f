package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code airflow}. */
@ActivityInterface
public interface AirflowActivities {
    /**
     * Sees to it that the DAG which a run's spec names has run: triggers it, unless an earlier attempt has, and waits for
     * its end. May run again, and beside itself: there is one DAG run for each run.
     */
    FinishedDag runDag(String runId);

    /**
     * A DAG run that has succeeded.
     *
     * @param dagRunId Airflow's name of it
     */
    record FinishedDag(String dag, String dagRunId) {}
}
