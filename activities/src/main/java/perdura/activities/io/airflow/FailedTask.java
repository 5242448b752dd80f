package perdura.activities.io.airflow;

/**
 * The task that a DAG run failed by.
 *
 * @param name its id; a mapped one with its position in brackets
 * @param tryNumber the try that failed last, from 1
 * @param logPage where people read its log, which may hold what nobody else must see
 */
record FailedTask(String name, int tryNumber, String logPage) {}
