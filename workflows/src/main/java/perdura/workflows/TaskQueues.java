package perdura.workflows;

/** The task queues of Perdura. */
public final class TaskQueues {
    /** Workflow tasks. */
    public static final String WORKFLOWS = "perdura";
    /** Training: one slot per device. */
    public static final String GPU = "gpu";
    /** Work of the processor: data checks, K-means, reports. */
    public static final String CPU = "cpu";
    /** Short work with the store, MLflow and Airflow. */
    public static final String IO = "io";

    private TaskQueues() {}
}
