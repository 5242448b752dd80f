package perdura.activities.io.airflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.http.JsonService;
import perdura.store.http.JsonService.Reply;

/**
 * The calls of Airflow's REST API that we need. Each may be repeated. Each throws a {@link PerduraException}:
 * SERVICE_UNAVAILABLE if a repetition may help, PREEMPTED if the thread was interrupted, another code if Airflow won't ever
 * take it. For one thread.
 */
public final class AirflowClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of those tasks that failed, the first one is told; more than this many are not looked at. */
    private static final int FAILED_TASKS = 100;

    private static final int SHOWN = 300;

    private final JsonService http;
    private final Duration patience;
    private final Runnable beforeRequest;
    private final AirflowApi api;
    private final String version;
    private final AirflowLogin login;

    private AirflowClient(
            AirflowConfig config,
            JsonService http,
            Duration patience,
            Runnable beforeRequest,
            AirflowApi api,
            String version) {
        this.http = http;
        this.patience = patience;
        this.beforeRequest = beforeRequest;
        this.api = api;
        this.version = version;
        this.login = new AirflowLogin(config, http, api, patience);
    }

    /** How Airflow words its errors. */
    static final JsonService.Dialect DIALECT = new JsonService.Dialect(
            "Airflow",
            Set.of(400, 422),
            Set.of(407, 408, 409, 425, 429),
            true,
            body -> body.has("detail"),
            AirflowClient::words,
            "; correct airflow.user and airflow.password, or airflow.token");

    /** Requests to one Airflow. */
    static JsonService service(AirflowConfig config, DurableEffects effects) {
        return new JsonService(DIALECT, config.url(), effects);
    }

    /** Asks an Airflow which API it speaks. */
    public static AirflowClient connect(AirflowConfig config, Duration patience) {
        return connect(config, service(config, DurableEffects.counting()), patience, () -> {});
    }

    /**
     * Asks an Airflow which API it speaks.
     *
     * @param patience for each answer
     * @param beforeRequest is run before each request
     */
    static AirflowClient connect(AirflowConfig config, JsonService http, Duration patience, Runnable beforeRequest) {
        for (AirflowApi api : AirflowApi.values()) {
            beforeRequest.run();
            Reply reply = http.get(api.prefix() + "version", AirflowLogin.givenToken(config), patience);
            String version = reply.body().path("version").asText("");
            if (reply.isOk() && !version.isEmpty()) {
                return new AirflowClient(config, http, patience, beforeRequest, api, version);
            }
            if (reply.status() != 404) {
                throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, reply + " at " + http.base());
            }
        }
        throw new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "there is no Airflow at " + http.base() + "; correct airflow.url, which names its web server");
    }

    /** What the server calls itself, for instance {@code 3.3.2}. */
    public String version() {
        return version;
    }

    /** Returns if our credentials open the list of DAGs. */
    public void requireAccess() {
        get("dags?limit=1").requireOk();
    }

    /** The DAG run of an id, if it was ever triggered. */
    Optional<DagRun> findDagRun(String dag, String dagRunId) {
        Reply reply = get(runPath(dag, dagRunId));
        return reply.isNotFound() ? Optional.empty() : Optional.of(dagRun(reply.requireOk(), dag, dagRunId));
    }

    /** @throws PerduraException INVALID_SPEC if Airflow doesn't know the DAG; PREPARATION_FAILED if the DAG is paused */
    void requireRunnable(String dag) {
        Reply reply = get("dags/" + AirflowApi.encode(dag));
        if (reply.isNotFound()) {
            throw unknown(dag, reply);
        }
        if (reply.requireOk().body().path("is_paused").asBoolean()) {
            throw new PerduraException(
                    ErrorCode.PREPARATION_FAILED,
                    "DAG '" + dag + "' is paused in Airflow, so that a run of it would never begin; unpause it there ("
                            + http.base() + "/dags/" + AirflowApi.encode(dag) + ", or 'airflow dags unpause " + dag
                            + "')");
        }
    }

    /**
     * Triggers a DAG. If there is a run of that id already, that one is returned.
     *
     * @param conf as JSON
     * @param note for people who look at the DAG run
     * @throws PerduraException INVALID_SPEC if Airflow doesn't know the DAG or refuses {@code conf}
     */
    DagRun trigger(String dag, String dagRunId, Map<String, @Nullable Object> conf, String note) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("dag_run_id", dagRunId);
        body.set("conf", JSON.valueToTree(conf));
        body.put("note", note);
        api.completeTrigger(body);
        String path = api.prefix() + "dags/" + AirflowApi.encode(dag) + "/dagRuns";
        Reply reply = letIn(authorization -> http.change(path, body, authorization, patience));
        if (reply.status() == 409) {
            // Another cause of a conflict: two runs of Airflow 2 that began in the same instant.
            return findDagRun(dag, dagRunId)
                    .orElseThrow(() -> new PerduraException(
                            ErrorCode.SERVICE_UNAVAILABLE, reply + ", but there is no run " + dagRunId));
        }
        if (reply.isNotFound()) {
            throw unknown(dag, reply);
        }
        return dagRun(reply.requireOk(), dag, dagRunId);
    }

    /** The task that failed first; none if the DAG run was marked as failed, or ran out of its time. */
    Optional<FailedTask> findFailedTask(String dag, String dagRunId) {
        Reply reply = get(runPath(dag, dagRunId) + "/taskInstances?state=failed&limit=" + FAILED_TASKS)
                .requireOk();
        return StreamSupport.stream(reply.body().path("task_instances").spliterator(), false)
                .min(Comparator.comparing(task -> task.path("end_date").asText("")))
                .map(task -> failedTask(task, dag, dagRunId));
    }

    private FailedTask failedTask(JsonNode task, String dag, String dagRunId) {
        String id = task.path("task_id").asText();
        int mapIndex = task.path("map_index").asInt(-1);
        int tryNumber = task.path("try_number").asInt();
        return new FailedTask(
                mapIndex < 0 ? id : id + "[" + mapIndex + "]",
                tryNumber,
                http.base() + api.logPage(dag, dagRunId, id, mapIndex, tryNumber));
    }

    private DagRun dagRun(Reply reply, String dag, String dagRunId) {
        return new DagRun(reply.body().path("state").asText(), http.base() + api.runPage(dag, dagRunId));
    }

    private PerduraException unknown(String dag, Reply reply) {
        return new PerduraException(
                ErrorCode.INVALID_SPEC,
                "Airflow at " + http.base() + " knows no DAG '" + dag + "' (" + reply.words()
                        + "); correct prepare.airflow.dag, or bring the DAG there: 'airflow dags list-import-errors' tells"
                        + " what keeps it out");
    }

    private static String runPath(String dag, String dagRunId) {
        return "dags/" + AirflowApi.encode(dag) + "/dagRuns/" + AirflowApi.encode(dagRunId);
    }

    private Reply get(String path) {
        return letIn(authorization -> http.get(api.prefix() + path, authorization, patience));
    }

    /** Sends a request; once more with a new token if Airflow doesn't take the one that it gave us earlier. */
    private Reply letIn(Function<@Nullable String, Reply> request) {
        beforeRequest.run();
        Reply reply = request.apply(login.authorization());
        if (reply.isNotLetIn() && login.renew()) {
            beforeRequest.run();
            reply = request.apply(login.authorization());
        }
        return reply;
    }

    /** Airflow's own words for an error, on one line; they may hold values of {@code conf}. */
    private static String words(JsonNode body) {
        JsonNode detail = body.path("detail");
        String text;
        if (detail.isArray()) {
            text = StreamSupport.stream(detail.spliterator(), false)
                    .map(AirflowClient::fault)
                    .collect(Collectors.joining("; "));
        } else if (detail.isObject()) {
            text = detail.path("reason").asText("");
        } else {
            text = detail.asText("");
        }
        if (text.isEmpty() || detail.isNull()) {
            text = body.path("title").asText(body.path("error").asText(""));
        }
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }

    /** A fault as Airflow 3 lists it; its key {@code input} would repeat the whole request. */
    private static String fault(JsonNode fault) {
        String place = StreamSupport.stream(fault.path("loc").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining("."));
        return place + ": " + fault.path("msg").asText("");
    }

    /**
     * The task that a DAG run failed by.
     *
     * @param name its id; a mapped one with its position in brackets
     * @param tryNumber the try that failed last, from 1
     * @param logPage where people read its log, which may hold what nobody else must see
     */
    record FailedTask(String name, int tryNumber, String logPage) {}

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

    /** The header by which Airflow knows us: a token that is given, one that Airflow 3 gives for a password, or the password itself. */
    private static final class AirflowLogin {
        private final AirflowConfig config;
        private final JsonService http;
        private final AirflowApi api;
        private final Duration patience;
        private @Nullable String issued;

        AirflowLogin(AirflowConfig config, JsonService http, AirflowApi api, Duration patience) {
            this.config = config;
            this.http = http;
            this.api = api;
            this.patience = patience;
        }

        /**
         * The value of the header {@code Authorization}, or null for an Airflow that asks nobody. Fetches a token if there is none.
         *
         * @throws perdura.grids.spec.PerduraException SERVICE_UNAVAILABLE if Airflow gives no token
         */
        @Nullable
        String authorization() {
            String given = givenToken(config);
            if (given != null) {
                return given;
            }
            String user = config.user();
            if (user == null) {
                return null;
            }
            String password = Objects.requireNonNullElse(config.password(), "");
            if (api == AirflowApi.V1) {
                return JsonService.basic(user, password);
            }
            if (issued == null) {
                issued = "Bearer " + fetchToken(user, password);
            }
            return issued;
        }

        /** The header for the token that is given, if there is one: what stands before Airflow may ask for it on every path. */
        static @Nullable String givenToken(AirflowConfig config) {
            return config.token() == null ? null : "Bearer " + config.token();
        }

        /** Gives up a token that Airflow no longer takes; false if there is no other one to be had. */
        boolean renew() {
            boolean renewable = issued != null;
            issued = null;
            return renewable;
        }

        private String fetchToken(String user, String password) {
            return http.ask(
                            "/auth/token",
                            JsonNodeFactory.instance
                                    .objectNode()
                                    .put("username", user)
                                    .put("password", password),
                            null,
                            patience)
                    .requireOk()
                    .body()
                    .path("access_token")
                    .asText();
        }
    }
}
