package perdura.activities.io.airflow;

/**
 * A DAG run as Airflow has it now.
 *
 * @param state queued, running, success or failed
 * @param page where people look at it
 */
record DagRun(String state, String page) {
    boolean isSuccess() {
        return state.equals("success");
    }

    /** Whether it has failed; it runs again under the same id when somebody clears its tasks. */
    boolean isFailed() {
        return state.equals("failed");
    }
}
