package perdura.store.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.relay.LogBatch.Entity;
import perdura.store.relay.LogBatch.Part;

/**
 * The calls of MLflow's REST API that the relay needs. Each may be repeated. Each throws a {@link PerduraException}:
 * SERVICE_UNAVAILABLE if a repetition may help, PREEMPTED if the thread was interrupted, another code if MLflow won't
 * ever take it.
 */
final class MlflowClient {
    /** The tag that finds a run again: MLflow chooses its ids by itself. */
    static final String RUN_KEY = "perdura.run_key";

    /** MLflow's own tag for the run below which it shows another. */
    static final String PARENT = "mlflow.parentRunId";

    private static final String API = "/api/2.0/mlflow/";
    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";
    private static final String ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS";
    private static final String DOES_NOT_EXIST = "RESOURCE_DOES_NOT_EXIST";
    /** How MLflow reports that two senders inserted the same new row at once; one of them has won. */
    private static final String LOST_RACE = "BAD_REQUEST";

    private static final int RACES = 4;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final MlflowHttp http;

    MlflowClient(MlflowConfig config, DurableEffects effects) {
        this.http = new MlflowHttp(config, effects);
    }

    /** The id of an experiment, which is created if it is missing and restored if it was deleted. */
    String openExperiment(String name) {
        Optional<JsonNode> known = findExperiment(name);
        if (known.isEmpty()) {
            MlflowReply created =
                    http.change(API + "experiments/create", NODES.objectNode().put("name", name));
            if (created.isOk()) {
                return text(created, "experiment_id");
            }
            if (!created.errorCode().equals(ALREADY_EXISTS)) {
                created.requireOk();
            }
            known = findExperiment(name);
        }
        JsonNode experiment = known.orElseThrow(() -> new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE, "MLflow has experiment " + name + " and doesn't show it"));
        String id = experiment.path("experiment_id").asText();
        if (experiment.path("lifecycle_stage").asText().equals("deleted")) {
            http.change(API + "experiments/restore", NODES.objectNode().put("experiment_id", id))
                    .requireOk();
        }
        return id;
    }

    private Optional<JsonNode> findExperiment(String name) {
        MlflowReply reply = http.get(API + "experiments/get-by-name?experiment_name=" + encode(name));
        if (reply.errorCode().equals(DOES_NOT_EXIST)) {
            return Optional.empty();
        }
        return Optional.of(reply.requireOk().body().path("experiment"));
    }

    /**
     * MLflow's runs that carry our run's key and were not deleted, in a fixed order. More than one only if a request to
     * create it came through after its answer was lost.
     */
    List<String> listRuns(String experimentId, RunId runId) {
        ObjectNode search = NODES.objectNode();
        search.putArray("experiment_ids").add(experimentId);
        search.put("filter", "tags.`" + RUN_KEY + "` = '" + runId + "'");
        search.put("max_results", 100);
        List<String> found = new ArrayList<>();
        for (JsonNode run :
                http.ask(API + "runs/search", search).requireOk().body().path("runs")) {
            found.add(run.path("info").path("run_id").asText());
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }

    /** Creates a run with its tags. Not to be repeated before {@link #listRuns} was asked. */
    String createRun(String experimentId, RunId runId, String name, Instant start, Map<String, String> tags) {
        ObjectNode run = NODES.objectNode();
        run.put("experiment_id", experimentId);
        run.put("run_name", name);
        run.put("start_time", start.toEpochMilli());
        ArrayNode list = run.putArray("tags");
        list.add(named(RUN_KEY, runId.value()));
        tags.forEach((key, value) -> list.add(named(key, value)));
        MlflowReply reply = http.change(API + "runs/create", run).requireOk();
        return reply.body().path("run").path("info").path("run_id").asText();
    }

    void deleteRun(String mlflowRunId) {
        http.change(API + "runs/delete", NODES.objectNode().put("run_id", mlflowRunId))
                .requireOk();
    }

    /** Parameters and tags; the same value again does nothing. */
    void logParams(String mlflowRunId, Map<String, String> params, Map<String, String> tags) {
        List<Entity> entities = new ArrayList<>();
        params.forEach((key, value) -> entities.add(new Entity(Part.PARAMS, http.write(named(key, value)))));
        tags.forEach((key, value) -> entities.add(new Entity(Part.TAGS, http.write(named(key, value)))));
        logBatches(mlflowRunId, entities);
    }

    /** Points with their stored times: MLflow drops those that it has. */
    void logPoints(String mlflowRunId, List<MetricPoint> points) {
        logBatches(
                mlflowRunId,
                points.stream()
                        .map(point -> new Entity(Part.METRICS, http.write(metric(point))))
                        .toList());
    }

    private static ObjectNode metric(MetricPoint point) {
        return NODES.objectNode()
                .put("key", point.key())
                .put("value", point.value())
                .put("timestamp", point.time().toEpochMilli())
                .put("step", point.step());
    }

    private static ObjectNode named(String key, String value) {
        return NODES.objectNode().put("key", key).put("value", value);
    }

    private void logBatches(String mlflowRunId, List<Entity> entities) {
        String runIdJson = http.write(TextNode.valueOf(mlflowRunId));
        for (List<Entity> group : LogBatch.split(entities)) {
            String body = LogBatch.body(runIdJson, group);
            MlflowReply reply = http.change(API + "runs/log-batch", body);
            for (int i = 1; i < RACES && reply.errorCode().equals(LOST_RACE); i++) {
                reply = http.change(API + "runs/log-batch", body);
            }
            reply.requireOk();
        }
    }

    /** @param end when a run ended, null for a run that goes on */
    void setStatus(String mlflowRunId, RunStatus status, @Nullable Instant end) {
        ObjectNode update = NODES.objectNode().put("run_id", mlflowRunId).put("status", status.name());
        if (end != null) {
            update.put("end_time", end.toEpochMilli());
        }
        MlflowReply reply = http.change(API + "runs/update", update).requireOk();
        String shown = reply.body().path("run_info").path("status").asText();
        if (!shown.equals(status.name())) { // MLflow ignores a word that it doesn't know
            throw new PerduraException(
                    ErrorCode.INTERNAL, "MLflow shows status " + shown + " for " + mlflowRunId + ", not " + status);
        }
    }

    /** @param path where MLflow shows the file; the same path again replaces it */
    void uploadArtifact(String mlflowRunId, String path, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new PerduraException(ErrorCode.NOT_FOUND, "artifact " + path + ": there is no file " + file);
        }
        MlflowReply reply =
                http.get(API + "runs/get?run_id=" + encode(mlflowRunId)).requireOk();
        URI root = URI.create(
                reply.body().path("run").path("info").path("artifact_uri").asText());
        if (!"mlflow-artifacts".equals(root.getScheme())) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "artifact " + path
                            + ": MLflow must take uploads itself (--serve-artifacts), but its artifacts go to "
                            + root.getScheme() + ": URIs");
        }
        http.upload(ARTIFACTS + segments(root.getPath()) + segments("/" + path), file)
                .requireOk();
    }

    private static String segments(String path) {
        return Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(segment -> "/" + encode(segment))
                .collect(Collectors.joining());
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String text(MlflowReply reply, String field) {
        return reply.body().path(field).asText();
    }
}
