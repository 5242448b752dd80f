package perdura.store.relay;

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
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A local server with MLflow's rules, as far as the relay meets them, which fails on demand. */
final class TestingMlflow implements AutoCloseable {
    private static final String API = "/api/2.0/mlflow/";
    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** What goes wrong with a call. */
    enum Fault {
        UNAVAILABLE,
        CLOSED_BEFORE,
        CLOSED_AFTER,
        BAD_PARAMETER,
        LOST_RACE,
        HTML_PAGE,
        UNAUTHORIZED,
        /** A proxy wants somebody to log in. */
        MOVED
    }

    static final class Run {
        String experimentId = "";
        String name = "";
        String status = "RUNNING";
        boolean deleted;
        long startTime;
        long endTime;
        final Map<String, String> tags = new TreeMap<>();
        final Map<String, String> params = new LinkedHashMap<>();
        /** key, step, timestamp, value: what makes a point for MLflow. */
        final Set<String> points = new LinkedHashSet<>();
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Map<String, Run> runs = new LinkedHashMap<>();
    private final Map<String, String> experiments = new LinkedHashMap<>();
    private final Set<String> deletedExperiments = new LinkedHashSet<>();
    private final Map<String, byte[]> artifacts = new LinkedHashMap<>();
    private final Map<String, Deque<Fault>> faults = new LinkedHashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final List<String> authorizations = new ArrayList<>();
    private int largestBatch;
    /** How often the server was replaced. */
    private int generation;

    TestingMlflow() throws IOException {
        this(0);
    }

    TestingMlflow(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    MlflowConfig config() {
        return new MlflowConfig(uri(), null, null, null);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /**
     * Has the next requests fail. MLflow's client sends what was refused three times, so that such a fault lasts for three; a
     * run is created without it.
     *
     * @param call the last words of a path, for instance {@code runs/create}
     */
    synchronized void failNext(String call, Fault... next) {
        for (Fault fault : next) {
            boolean once = call.equals("runs/create")
                    || call.startsWith("mlflow-artifacts")
                    || fault == Fault.MOVED
                    || fault == Fault.CLOSED_BEFORE
                    || fault == Fault.CLOSED_AFTER;
            faults.computeIfAbsent(call, key -> new ArrayDeque<>()).addAll(Collections.nCopies(once ? 1 : 3, fault));
        }
    }

    synchronized List<Run> runs() {
        return runs.values().stream().filter(run -> !run.deleted).toList();
    }

    synchronized Run onlyRun() {
        List<Run> all = runs();
        if (all.size() != 1) {
            throw new AssertionError("one run expected, were " + all.size());
        }
        return all.get(0);
    }

    synchronized Map<String, byte[]> artifacts() {
        return new LinkedHashMap<>(artifacts);
    }

    synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    synchronized List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    synchronized int largestBatch() {
        return largestBatch;
    }

    synchronized void deleteExperiment(String name) {
        experiments.put(name, String.valueOf(experiments.size() + 1));
        deletedExperiments.add(name);
    }

    synchronized void deleteRun(String name) {
        runs.values().stream().filter(run -> run.name.equals(name)).forEach(run -> run.deleted = true);
    }

    /** A run that nobody remembers having asked for. */
    synchronized void addStray(String runKey) {
        Run stray = new Run();
        stray.experimentId = "1";
        stray.name = "stray";
        stray.tags.put("perdura.run_key", runKey);
        runs.put("z" + runs.size(), stray);
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        Reply reply;
        synchronized (this) {
            String call = path.startsWith(API) ? path.substring(API.length()) : "artifacts";
            calls.add(call);
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Fault fault = faults.getOrDefault(call, new ArrayDeque<>()).poll();
            if (fault == Fault.CLOSED_BEFORE) {
                exchange.close();
                return;
            }
            reply = fault == null || fault == Fault.CLOSED_AFTER
                    ? answerOrRefuse(exchange.getRequestURI(), call, body)
                    : failure(fault);
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

    private Reply answerOrRefuse(URI uri, String call, byte[] body) throws IOException {
        try {
            return answer(uri, call, body);
        } catch (UnknownRun e) {
            return error(404, "RESOURCE_DOES_NOT_EXIST");
        }
    }

    private static Reply failure(Fault fault) {
        return switch (fault) {
            case UNAVAILABLE -> error(503, "TEMPORARILY_UNAVAILABLE");
            case BAD_PARAMETER -> error(400, "INVALID_PARAMETER_VALUE");
            case LOST_RACE -> error(400, "BAD_REQUEST");
            case HTML_PAGE -> new Reply(500, "<!doctype html><title>500 Internal Server Error</title>");
            case UNAUTHORIZED -> new Reply(401, "You are not authenticated.");
            case MOVED -> new Reply(302, "<!doctype html><title>Log in</title>");
            case CLOSED_BEFORE, CLOSED_AFTER -> throw new IllegalStateException("closed connections have no reply");
        };
    }

    private static Reply error(int status, String code) {
        return new Reply(
                status,
                NODES.objectNode()
                        .put("error_code", code)
                        .put("message", "on demand")
                        .toString());
    }

    private Reply answer(URI uri, String call, byte[] body) throws IOException {
        if (call.equals("artifacts")) {
            artifacts.put(uri.getPath().substring(ARTIFACTS.length()), body);
            return new Reply(200, "");
        }
        JsonNode request = body.length == 0 ? NODES.objectNode() : JSON.readTree(body);
        return switch (call) {
            case "experiments/get-by-name" -> experimentByName(query(uri, "experiment_name"));
            case "experiments/create" -> createExperiment(request.get("name").asText());
            case "experiments/restore" -> {
                deletedExperiments.clear();
                yield new Reply(200, "{}");
            }
            case "runs/create" -> createRun(request);
            case "runs/search" -> search(request);
            case "runs/get" ->
                new Reply(
                        200,
                        NODES.objectNode()
                                .set("run", describe(query(uri, "run_id")))
                                .toString());
            case "runs/log-batch" -> logBatch(request);
            case "runs/update" -> update(request);
            case "runs/delete-tag" -> deleteTag(request);
            case "runs/delete" -> {
                run(request.get("run_id").asText()).deleted = true;
                yield new Reply(200, "{}");
            }
            default -> new Reply(404, "Not Found");
        };
    }

    private Reply experimentByName(String name) {
        if (!experiments.containsKey(name)) {
            return error(404, "RESOURCE_DOES_NOT_EXIST");
        }
        ObjectNode experiment = NODES.objectNode()
                .put("experiment_id", experiments.get(name))
                .put("lifecycle_stage", deletedExperiments.contains(name) ? "deleted" : "active");
        return new Reply(200, NODES.objectNode().set("experiment", experiment).toString());
    }

    private Reply createExperiment(String name) {
        if (experiments.containsKey(name)) {
            return error(400, "RESOURCE_ALREADY_EXISTS");
        }
        String id = String.valueOf(experiments.size() + 1);
        experiments.put(name, id);
        return new Reply(200, NODES.objectNode().put("experiment_id", id).toString());
    }

    private Reply createRun(JsonNode request) {
        Run run = new Run();
        run.experimentId = request.get("experiment_id").asText();
        run.name = request.get("run_name").asText();
        run.startTime = request.get("start_time").asLong();
        request.path("tags")
                .forEach(tag ->
                        run.tags.put(tag.get("key").asText(), tag.get("value").asText()));
        String id = "m" + runs.size() + (generation == 0 ? "" : "-" + generation);
        runs.put(id, run);
        return new Reply(200, NODES.objectNode().set("run", describe(id)).toString());
    }

    private ObjectNode describe(String id) {
        Run run = run(id);
        ObjectNode info = NODES.objectNode()
                .put("run_id", id)
                .put("status", run.status)
                .put("artifact_uri", "mlflow-artifacts:/" + run.experimentId + "/" + id + "/artifacts");
        ObjectNode described = NODES.objectNode();
        described.set("info", info);
        ObjectNode data = described.putObject("data");
        run.tags.forEach((key, value) ->
                data.withArray("tags").addObject().put("key", key).put("value", value));
        return described;
    }

    private Reply search(JsonNode request) {
        String wanted = request.get("filter").asText();
        ObjectNode reply = NODES.objectNode();
        runs.forEach((id, run) -> {
            String filter = "tags.`perdura.run_key` = '" + run.tags.get("perdura.run_key") + "'";
            boolean there = request.get("experiment_ids").get(0).asText().equals(run.experimentId);
            if (filter.equals(wanted) && there && !run.deleted) {
                reply.withArray("runs").add(describe(id));
            }
        });
        return new Reply(200, reply.toString());
    }

    private Reply logBatch(JsonNode request) {
        Run run = run(request.get("run_id").asText());
        int entities = request.path("metrics").size()
                + request.path("params").size()
                + request.path("tags").size();
        largestBatch = Math.max(largestBatch, entities);
        if (run.deleted || entities > 1000 || request.path("params").size() > 100) {
            return error(400, "INVALID_PARAMETER_VALUE");
        }
        for (JsonNode param : request.path("params")) {
            String before =
                    run.params.put(param.get("key").asText(), param.get("value").asText());
            if (before != null && !before.equals(param.get("value").asText())) {
                return error(400, "INVALID_PARAMETER_VALUE");
            }
        }
        request.path("tags")
                .forEach(tag ->
                        run.tags.put(tag.get("key").asText(), tag.get("value").asText()));
        for (JsonNode metric : request.path("metrics")) {
            run.points.add(metric.get("key").asText() + " " + metric.get("step").asLong() + " "
                    + metric.get("timestamp").asLong() + " " + metric.get("value"));
        }
        return new Reply(200, "{}");
    }

    private Reply update(JsonNode request) {
        Run run = run(request.get("run_id").asText());
        if (run.deleted) {
            return error(400, "INVALID_PARAMETER_VALUE");
        }
        run.status = request.get("status").asText();
        run.endTime = request.path("end_time").asLong(run.endTime);
        return new Reply(200, "{\"run_info\":{\"status\":\"" + run.status + "\"}}");
    }

    private Run run(String id) {
        Run run = runs.get(id);
        if (run == null) {
            throw new UnknownRun();
        }
        return run;
    }

    /** A request names a run that is not there. */
    private static final class UnknownRun extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private Reply deleteTag(JsonNode request) {
        String before = run(request.get("run_id").asText())
                .tags
                .remove(request.get("key").asText());
        return before == null ? error(404, "RESOURCE_DOES_NOT_EXIST") : new Reply(200, "{}");
    }

    /** Another server at the same address, which has nothing. */
    synchronized void replace() {
        runs.clear();
        experiments.clear();
        artifacts.clear();
        generation++;
    }

    /** Takes a deleted run back. */
    synchronized void restoreRun(String name) {
        runs.values().stream().filter(run -> run.name.equals(name)).forEach(run -> run.deleted = false);
    }

    private static String query(URI uri, String name) {
        for (String parameter : uri.getRawQuery().split("&", -1)) {
            if (parameter.startsWith(name + "=")) {
                return URLDecoder.decode(parameter.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("there should be a parameter " + name + " in " + uri.getRawQuery());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
