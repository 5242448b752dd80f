package perdura.activities.io.airflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** What differs between the REST APIs of Airflow 2 and 3, and between their pages. */
enum AirflowApi {
    /** Airflow 3. */
    V2,
    /** Airflow 2. */
    V1;

    /** What all paths of the API begin with. */
    String prefix() {
        return this == V2 ? "/api/v2/" : "/api/v1/";
    }

    /** Adds what the request that triggers a DAG needs in this API. */
    void completeTrigger(ObjectNode body) {
        if (this == V2) { // left out, it is a missing field there; Airflow 2 refuses null
            body.putNull("logical_date");
        }
    }

    /** Path of the page of a DAG run. */
    String runPage(String dag, String dagRunId) {
        return "/dags/" + encode(dag) + (this == V2 ? "/runs/" : "/grid?dag_run_id=") + encode(dagRunId);
    }

    /**
     * Path of the page with the log of a task, as {@code TaskInstance.log_url} has it; that of Airflow 2 shows the newest try.
     *
     * @param mapIndex position of a mapped task, -1 for another one
     * @param tryNumber from 1
     */
    String logPage(String dag, String dagRunId, String task, int mapIndex, int tryNumber) {
        String place = runPage(dag, dagRunId) + (this == V2 ? "/tasks/" : "&task_id=") + encode(task);
        String mapped = mapIndex < 0 ? "" : (this == V2 ? "/mapped/" : "&map_index=") + mapIndex;
        return place + mapped + (this == V2 ? "?try_number=" + tryNumber : "&tab=logs");
    }

    static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
