package perdura.activities.io.airflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** What differs between the REST APIs of Airflow 2 and 3, and between their pages. */
enum AirflowApi {
    /** Airflow 3. */
    V2("/api/v2/") {
        @Override
        void completeTrigger(ObjectNode body) {
            body.putNull("logical_date"); // left out, it is a missing field
        }

        @Override
        String runPage(String dag, String dagRunId) {
            return "/dags/" + encode(dag) + "/runs/" + encode(dagRunId);
        }

        /** As {@code TaskInstance.log_url} of Airflow 3 has it. */
        @Override
        String logPage(String dag, String dagRunId, String task, int mapIndex, int tryNumber) {
            String mapped = mapIndex < 0 ? "" : "/mapped/" + mapIndex;
            return runPage(dag, dagRunId) + "/tasks/" + encode(task) + mapped + "?try_number=" + tryNumber;
        }
    },
    /** Airflow 2. */
    V1("/api/v1/") {
        @Override
        void completeTrigger(ObjectNode body) {
            // Null would be refused as logical date.
        }

        @Override
        String runPage(String dag, String dagRunId) {
            return "/dags/" + encode(dag) + "/grid?dag_run_id=" + encode(dagRunId);
        }

        /** As {@code TaskInstance.log_url} of Airflow 2 has it; the page shows the newest try. */
        @Override
        String logPage(String dag, String dagRunId, String task, int mapIndex, int tryNumber) {
            String mapped = mapIndex < 0 ? "" : "&map_index=" + mapIndex;
            return runPage(dag, dagRunId) + "&task_id=" + encode(task) + mapped + "&tab=logs";
        }
    };

    private final String prefix;

    AirflowApi(String prefix) {
        this.prefix = prefix;
    }

    /** What all paths of the API begin with. */
    String prefix() {
        return prefix;
    }

    /** Adds what the request that triggers a DAG needs in this API. */
    abstract void completeTrigger(ObjectNode body);

    /** Path of the page of a DAG run. */
    abstract String runPage(String dag, String dagRunId);

    /**
     * Path of the page with the log of a task.
     *
     * @param mapIndex position of a mapped task, -1 for another one
     * @param tryNumber from 1
     */
    abstract String logPage(String dag, String dagRunId, String task, int mapIndex, int tryNumber);

    static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
