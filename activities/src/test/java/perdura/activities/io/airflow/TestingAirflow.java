package perdura.activities.io.airflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A local server with Airflow's rules and words, as far as we meet them, which fails on demand. */
public final class TestingAirflow implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Which Airflow it is. */
    public enum Release {
        TWO("2.11.2", "/api/v1/"),
        THREE("3.3.2", "/api/v2/");

        private final String version;
        private final String prefix;

        Release(String version, String prefix) {
            this.version = version;
            this.prefix = prefix;
        }
    }

    /** What goes wrong with a call. */
    enum Fault {
        UNAVAILABLE,
        CLOSED_BEFORE,
        CLOSED_AFTER,
        BROKEN,
        FORBIDDEN,
        UNAUTHORIZED
    }

    private final Release release;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Set<String> dags = new LinkedHashSet<>(Set.of("ingest"));
    private final Set<String> paused = new LinkedHashSet<>();
    private final Map<String, String> states = new LinkedHashMap<>();
    private final Map<String, JsonNode> triggers = new LinkedHashMap<>();
    private final List<ObjectNode> failedTasks = new ArrayList<>();
    private final Map<String, Deque<Fault>> faults = new LinkedHashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final Set<String> validTokens = new LinkedHashSet<>();
    private int tokens;

    public TestingAirflow(Release release, int port) throws IOException {
        this.release = release;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public AirflowConfig config() {
        return new AirflowConfig(uri(), "perdura", "geheim", null);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized void addPausedDag(String dag) {
        dags.add(dag);
        paused.add(dag);
    }

    /** @param call version, token, dags, dag, run, tasks or trigger */
    synchronized void failNext(String call, Fault... next) {
        faults.computeIfAbsent(call, key -> new ArrayDeque<>()).addAll(List.of(next));
    }

    /** Makes the tokens invalid that were given until now. */
    synchronized void restartWithOtherSecret() {
        validTokens.clear();
    }

    /** @param state null to delete the run */
    public synchronized void setState(String dagRunId, @Nullable String state) {
        if (state == null) {
            states.remove(dagRunId);
        } else {
            states.put(dagRunId, state);
        }
    }

    synchronized void addFailedTask(String task, int mapIndex, int tryNumber, String endDate) {
        failedTasks.add(NODES.objectNode()
                .put("task_id", task)
                .put("map_index", mapIndex)
                .put("try_number", tryNumber)
                .put("end_date", endDate));
    }

    /** The bodies that triggered runs, by run id. */
    public synchronized Map<String, JsonNode> triggers() {
        return new LinkedHashMap<>(triggers);
    }

    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Reply reply;
        synchronized (this) {
            String call = call(exchange);
            calls.add(call);
            Fault fault = faults.getOrDefault(call, new ArrayDeque<>()).poll();
            if (fault == Fault.CLOSED_BEFORE) {
                exchange.close();
                return;
            }
            reply = fault == null || fault == Fault.CLOSED_AFTER ? answer(exchange, call, body) : failure(fault);
            if (fault == Fault.CLOSED_AFTER) {
                exchange.close();
                return;
            }
        }
        byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private record Reply(int status, String body) {}

    private String call(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/auth/token") && release == Release.THREE) {
            return "token";
        }
        if (!path.startsWith(release.prefix)) {
            return "other";
        }
        String[] words = path.substring(release.prefix.length()).split("/", -1);
        return switch (words.length) {
            case 1 -> words[0];
            case 2 -> "dag";
            case 3 -> "trigger";
            case 4 -> "run";
            default -> "tasks";
        };
    }

    private static Reply failure(Fault fault) {
        return switch (fault) {
            case UNAVAILABLE -> new Reply(503, "no healthy upstream");
            case BROKEN -> new Reply(500, "Internal Server Error");
            case FORBIDDEN -> new Reply(403, "{\"detail\":\"Invalid JWT token\"}");
            case UNAUTHORIZED -> new Reply(401, "{\"detail\":\"Not authenticated\"}");
            case CLOSED_BEFORE, CLOSED_AFTER -> throw new IllegalStateException("closed connections have no reply");
        };
    }

    private Reply answer(HttpExchange exchange, String call, byte[] body) throws IOException {
        if (call.equals("other")) {
            return new Reply(404, "<!DOCTYPE html><title>Airflow 404 = lots of circles</title>");
        }
        if (call.equals("version")) {
            return new Reply(200, "{\"git_version\":\"\",\"version\":\"" + release.version + "\"}");
        }
        if (call.equals("token")) {
            return token(JSON.readTree(body));
        }
        String refusal = refusal(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!refusal.isEmpty()) {
            return new Reply(Integer.parseInt(refusal.substring(0, 3)), refusal.substring(4));
        }
        String[] words = exchange.getRequestURI()
                .getPath()
                .substring(release.prefix.length())
                .split("/", -1);
        return switch (call) {
            case "dags" -> new Reply(200, "{\"dags\":[]}");
            case "dag" -> dag(words[1]);
            case "trigger" -> trigger(words[1], JSON.readTree(body));
            case "run" -> run(words[3]);
            default -> tasks(exchange.getRequestURI().getQuery());
        };
    }

    private Reply token(JsonNode request) {
        if (!request.path("username").asText().equals("perdura")
                || !request.path("password").asText().equals("geheim")) {
            return new Reply(401, "{\"detail\":\"Invalid credentials\"}");
        }
        tokens++;
        validTokens.add("Bearer token-" + tokens);
        return new Reply(201, "{\"access_token\":\"token-" + tokens + "\"}");
    }

    private String refusal(@Nullable String authorization) {
        String header = Objects.requireNonNullElse(authorization, "");
        if (header.equals("Bearer given")) {
            return "";
        }
        if (release == Release.TWO) {
            byte[] pair = "perdura:geheim".getBytes(StandardCharsets.UTF_8);
            return header.equals("Basic " + Base64.getEncoder().encodeToString(pair))
                    ? ""
                    : "403 {\"detail\":null,\"status\":403,\"title\":\"Forbidden\"}";
        }
        if (header.isEmpty()) {
            return "401 {\"detail\":\"Not authenticated\"}";
        }
        return validTokens.contains(header) ? "" : "403 {\"detail\":\"Invalid JWT token\"}";
    }

    private Reply dag(String dag) {
        return dags.contains(dag)
                ? new Reply(
                        200,
                        NODES.objectNode()
                                .put("dag_id", dag)
                                .put("is_paused", paused.contains(dag))
                                .toString())
                : error(404, "The Dag with ID: `" + dag + "` was not found");
    }

    private Reply trigger(String dag, JsonNode request) {
        boolean hasDate = request.has("logical_date");
        if (release == Release.THREE && !hasDate) {
            return new Reply(
                    422,
                    "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"logical_date\"],\"msg\":\"Field required\","
                            + "\"input\":" + request + "}]}");
        }
        if (release == Release.TWO && hasDate) {
            return error(400, "{'logical_date': ['Field may not be null.']}");
        }
        if (!dags.contains(dag)) {
            return error(404, "Dag with dag_id: '" + dag + "' not found");
        }
        if (request.path("conf").path("seconds").isTextual()) {
            return error(
                    400,
                    "Invalid input for param seconds: 'x' is not of type 'integer'\n\nFailed validating 'type' in schema:"
                            + "\n    {'type': 'integer'}");
        }
        String dagRunId = request.path("dag_run_id").asText();
        if (states.putIfAbsent(dagRunId, "queued") != null) {
            return release == Release.TWO
                    ? error(409, "DAGRun with DAG ID: '" + dag + "' already exists")
                    : new Reply(
                            409, "{\"detail\":{\"reason\":\"Unique constraint violation\",\"statement\":\"hidden\"}}");
        }
        triggers.put(dagRunId, request);
        return run(dagRunId);
    }

    private Reply run(String dagRunId) {
        String state = states.get(dagRunId);
        return state == null
                ? error(404, "The DagRun with run_id: `" + dagRunId + "` was not found")
                : new Reply(
                        200,
                        NODES.objectNode()
                                .put("dag_run_id", dagRunId)
                                .put("state", state)
                                .toString());
    }

    private Reply tasks(String query) {
        if (!query.startsWith("state=failed&")) {
            throw new AssertionError("only failed tasks should be asked for, was " + query);
        }
        ObjectNode reply = NODES.objectNode();
        reply.putArray("task_instances").addAll(failedTasks);
        return new Reply(200, reply.toString());
    }

    private Reply error(int status, String detail) {
        ObjectNode error = NODES.objectNode().put("detail", detail);
        if (release == Release.TWO) {
            error.put("status", status).put("title", "an error");
        }
        return new Reply(status, error.toString());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
