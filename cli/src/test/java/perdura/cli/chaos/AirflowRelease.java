package perdura.cli.chaos;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What differs between the real Airflows of a test. */
enum AirflowRelease {
    THREE("requirements.txt", "/api/v2/", "api-server", "scheduler dag-processor") {
        @Override
        Map<String, String> variables(int port) {
            return Map.of(
                    "AIRFLOW__API__HOST",
                    "127.0.0.1",
                    "AIRFLOW__API__PORT",
                    String.valueOf(port),
                    "AIRFLOW__API__BASE_URL",
                    "http://127.0.0.1:" + port,
                    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
                    "http://127.0.0.1:" + port + "/execution/",
                    "AIRFLOW__API__WORKERS",
                    "1",
                    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL",
                    "5",
                    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS",
                    AirflowServer.USER + ":admin");
        }
    },
    TWO("requirements-2.txt", "/api/v1/", "webserver", "scheduler") {
        @Override
        Map<String, String> variables(int port) {
            return Map.of(
                    "AIRFLOW__WEBSERVER__WEB_SERVER_HOST", "127.0.0.1",
                    "AIRFLOW__WEBSERVER__WEB_SERVER_PORT", String.valueOf(port),
                    "AIRFLOW__WEBSERVER__BASE_URL", "http://127.0.0.1:" + port,
                    "AIRFLOW__WEBSERVER__WORKERS", "1",
                    "AIRFLOW__CORE__EXECUTOR", "SequentialExecutor", // the only one on SQLite
                    "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL", "5",
                    "AIRFLOW__API__AUTH_BACKENDS", "airflow.api.auth.backend.basic_auth");
        }
    };

    private final String requirements;
    private final String prefix;
    private final String web;
    private final String rest;

    AirflowRelease(String requirements, String prefix, String web, String rest) {
        this.requirements = requirements;
        this.prefix = prefix;
        this.web = web;
        this.rest = rest;
    }

    /** The pins of its Python environment. */
    Path requirements() {
        return Path.of("..", "tools", "airflow", requirements).toAbsolutePath().normalize();
    }

    /** What all paths of its REST API begin with. */
    String prefix() {
        return prefix;
    }

    /** Command of the part that must answer before the others start. */
    String web() {
        return web;
    }

    /** Commands of the other parts. */
    List<String> rest() {
        return List.of(rest.split(" ", -1));
    }

    abstract Map<String, String> variables(int port);

    /** The whole environment of its processes. */
    Map<String, String> variables(Path home, Path dags, int port, int workerLogPort, int triggerLogPort) {
        Map<String, String> variables = new LinkedHashMap<>(variables(port));
        variables.put("AIRFLOW_HOME", home.toString());
        variables.put("AIRFLOW__CORE__DAGS_FOLDER", dags.toString());
        variables.put("AIRFLOW__CORE__LOAD_EXAMPLES", "False");
        variables.put("AIRFLOW__CORE__PARALLELISM", "2");
        variables.put(
                "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
                home.resolve("passwords.json").toString());
        variables.put("AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT", String.valueOf(workerLogPort));
        variables.put("AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT", String.valueOf(triggerLogPort));
        variables.put("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False");
        variables.put("SCARF_ANALYTICS", "false");
        variables.put("DO_NOT_TRACK", "1");
        return variables;
    }
}
