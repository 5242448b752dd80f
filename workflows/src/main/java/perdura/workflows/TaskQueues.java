package perdura.workflows;

/** The task queues of Perdura. */
public final class TaskQueues {
    /** Workflow tasks. */
    public static final String WORKFLOWS = "perdura";
    /** Training: one slot per device. */
    public static final String GPU = "gpu";
    /** Work of the processor: data checks, K-means, reports. */
    public static final String CPU = "cpu";
    /** Short work with the store and MLflow. */
    public static final String IO = "io";
    /**
     * Waiting for DAGs, for hours: on the queue {@code io} it would keep other runs from beginning and ending. Only workers
     * that know where Airflow is serve it.
     */
    public static final String AIRFLOW = "airflow";

    private TaskQueues() {}
}
