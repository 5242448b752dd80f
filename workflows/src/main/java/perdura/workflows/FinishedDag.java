package perdura.workflows;

/**
 * A DAG run that has succeeded.
 *
 * @param dagRunId Airflow's name of it
 */
public record FinishedDag(String dag, String dagRunId) {}
