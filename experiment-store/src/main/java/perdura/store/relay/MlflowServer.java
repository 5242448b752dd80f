package perdura.store.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mlflow.api.proto.Service;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowClientException;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.http.JsonService;
import perdura.store.http.JsonService.Reply;
import perdura.store.relay.LogBatch.Entity;
import perdura.store.relay.LogBatch.Part;

/**
 * What the relay asks of MLflow, by MLflow's own client. Each call may be repeated. Each throws a {@link PerduraException}:
 * SERVICE_UNAVAILABLE if a repetition may help, PREEMPTED if the thread was interrupted, another code if MLflow won't
 * ever take it.
 */
final class MlflowServer implements AutoCloseable {
    /** The tag that finds a run again: MLflow chooses its ids by itself. */
    static final String RUN_KEY = "perdura.run_key";

    /** MLflow's own tag for the run below which it shows another. */
    static final String PARENT = "mlflow.parentRunId";

    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";
    private static final String ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS";
    /** How MLflow reports that two senders inserted the same new row at once; one of them has won. */
    private static final String LOST_RACE = "BAD_REQUEST";

    private static final String UNKNOWN = "RESOURCE_DOES_NOT_EXIST";
    /** MLflow shows a run with this time as one without an end; a field that is left out changes nothing. */
    private static final long NO_END = 0;

    private static final int RACES = 4;
    private static final int MOST_RUNS = 100;
    /** MLflow on SQLite holds a request for 20 s when its file is locked, and for 85 s in the worst case measured. */
    private static final Duration ANSWER = Duration.ofSeconds(90);
    /** Artifacts may be large. */
    private static final Duration UPLOAD = Duration.ofMinutes(10);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final MlflowConfig config;
    private final DurableEffects effects;
    /** For what the client does wrong: it creates runs more than once, and uploads artifacts by starting Python. */
    private final JsonService http;
    /** The client has no time-out, and heeds no interrupt: another thread waits for its answers. */
    private final ExecutorService calls = Executors.newCachedThreadPool(new DaemonThreads("perdura-mlflow"));

    private volatile MlflowClient client;

    MlflowServer(MlflowConfig config, DurableEffects effects) {
        this.config = config;
        this.effects = effects;
        this.http = config.service(effects);
        this.client = connect(config);
    }

    private static MlflowClient connect(MlflowConfig config) {
        String address = config.trackingUri().toString().replaceAll("/+$", "");
        String user = config.token() == null ? config.user() : null;
        String password = user != null && config.password() == null ? "" : config.password();
        return new MlflowClient(new BasicMlflowHostCreds(address, user, password, config.token(), false));
    }

    /** The id of an experiment, which is created if it is missing and restored if it was deleted. */
    String openExperiment(String name) {
        Optional<Service.Experiment> known = findExperiment(name);
        if (known.isEmpty()) {
            try {
                return change("experiments/create", mlflow -> mlflow.createExperiment(name));
            } catch (PerduraException e) {
                if (!errorCode(e).equals(ALREADY_EXISTS)) {
                    throw e;
                }
            }
            known = findExperiment(name);
        }
        Service.Experiment experiment = known.orElseThrow(() -> new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE, "MLflow has experiment " + name + " and doesn't show it"));
        String id = experiment.getExperimentId();
        if (experiment.getLifecycleStage().equals("deleted")) {
            change("experiments/restore", mlflow -> {
                mlflow.restoreExperiment(id);
                return true;
            });
        }
        return id;
    }

    private Optional<Service.Experiment> findExperiment(String name) {
        return ask("experiments/get-by-name", mlflow -> mlflow.getExperimentByName(name));
    }

    /**
     * MLflow's runs that carry our run's key and were not deleted, in a fixed order. More than one only if a request to
     * create it came through after its answer was lost.
     */
    List<String> listRuns(String experimentId, RunId runId) {
        String ours = "tags.`" + RUN_KEY + "` = '" + runId + "'";
        return ask(
                "runs/search",
                mlflow ->
                        mlflow
                                .searchRuns(List.of(experimentId), ours, Service.ViewType.ACTIVE_ONLY, MOST_RUNS)
                                .getItems()
                                .stream()
                                .map(run -> run.getInfo().getRunId())
                                .sorted()
                                .toList());
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
        // MLflow's client sends what was refused, whatever the status, three times, and this may be done once only.
        Reply reply = http.change("/api/2.0/mlflow/runs/create", run, config.authorization(), ANSWER)
                .requireOk();
        return reply.body().path("run").path("info").path("run_id").asText();
    }

    void deleteRun(String mlflowRunId) {
        change("runs/delete", mlflow -> {
            mlflow.deleteRun(mlflowRunId);
            return true;
        });
    }

    /** Whether a call failed since MLflow has no run of that id, not even a deleted one. */
    static boolean isUnknownRun(PerduraException e) {
        return e.code() == ErrorCode.NOT_FOUND && errorCode(e).equals(UNKNOWN);
    }

    /** A run of MLflow's, deleted or not. */
    Optional<Service.Run> findRun(String mlflowRunId) {
        try {
            return Optional.of(ask("runs/get", mlflow -> mlflow.getRun(mlflowRunId)));
        } catch (PerduraException e) {
            if (isUnknownRun(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Takes those of the tags away that the run has. */
    void deleteTags(String mlflowRunId, List<String> names) {
        Service.Run run = ask("runs/get", mlflow -> mlflow.getRun(mlflowRunId));
        run.getData().getTagsList().stream()
                .map(Service.RunTag::getKey)
                .filter(names::contains)
                .forEach(name -> change("runs/delete-tag", mlflow -> {
                    mlflow.deleteTag(mlflowRunId, name);
                    return true;
                }));
    }

    /** Parameters and tags; the same value again does nothing. */
    void logParams(String mlflowRunId, Map<String, String> params, Map<String, String> tags) {
        List<Entity> entities = new ArrayList<>();
        params.forEach((key, value) ->
                entities.add(new Entity(Part.PARAMS, named(key, value).toString())));
        tags.forEach((key, value) ->
                entities.add(new Entity(Part.TAGS, named(key, value).toString())));
        logBatches(mlflowRunId, entities);
    }

    /** Points with their stored times: MLflow drops those that it has. */
    void logPoints(String mlflowRunId, List<MetricPoint> points) {
        logBatches(
                mlflowRunId,
                points.stream()
                        .map(point -> new Entity(Part.METRICS, metric(point)))
                        .toList());
    }

    private static String metric(MetricPoint point) {
        return NODES.objectNode()
                .put("key", point.key())
                .put("value", point.value()) // NaN and the infinities as text, as MLflow wants them
                .put("timestamp", point.time().toEpochMilli())
                .put("step", point.step())
                .toString();
    }

    private static ObjectNode named(String key, String value) {
        return NODES.objectNode().put("key", key).put("value", value);
    }

    private void logBatches(String mlflowRunId, List<Entity> entities) {
        String runIdJson = NODES.textNode(mlflowRunId).toString();
        for (List<Entity> group : LogBatch.split(entities)) {
            logBatch(LogBatch.body(runIdJson, group));
        }
    }

    private void logBatch(String body) {
        for (int race = 1; ; race++) {
            try {
                post("runs/log-batch", body);
                return;
            } catch (PerduraException e) {
                if (race == RACES || !errorCode(e).equals(LOST_RACE)) {
                    throw e;
                }
            }
        }
    }

    /** @param end when a run ended, null for a run that goes on, which has no end any more */
    void setStatus(String mlflowRunId, RunStatus status, @Nullable Instant end) {
        ObjectNode update = NODES.objectNode()
                .put("run_id", mlflowRunId)
                .put("status", status.name())
                .put("end_time", end == null ? NO_END : end.toEpochMilli());
        String shown = post("runs/update", update.toString())
                .path("run_info")
                .path("status")
                .asText();
        if (!shown.equals(status.name())) { // MLflow ignores a word that it doesn't know
            throw new PerduraException(
                    ErrorCode.INTERNAL, "MLflow shows status " + shown + " for " + mlflowRunId + ", not " + status);
        }
    }

    /**
     * A change whose answer is looked at: the client's logBatch and setTerminated drop it, and take the page that a proxy
     * sends with a status of 302 for a success.
     */
    private JsonNode post(String call, String body) {
        String answer = change(call, mlflow -> mlflow.sendPost(call, body));
        try {
            JsonNode json = JSON.readTree(answer);
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw unavailable(call, "an answer that is not JSON", e);
        }
        throw unavailable(call, "an answer that is not JSON", null);
    }

    /** @param path where MLflow shows the file; the same path again replaces it */
    void uploadArtifact(String mlflowRunId, String path, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new PerduraException(ErrorCode.NOT_FOUND, "artifact " + path + ": there is no file " + file);
        }
        http.upload(place(mlflowRunId, path), file, config.authorization(), UPLOAD)
                .requireOk();
    }

    /** As {@link #uploadArtifact}, of a text. */
    void uploadText(String mlflowRunId, String path, String text) {
        http.upload(place(mlflowRunId, path), text, config.authorization(), UPLOAD)
                .requireOk();
    }

    private String place(String mlflowRunId, String path) {
        URI root = URI.create(
                ask("runs/get", mlflow -> mlflow.getRun(mlflowRunId).getInfo().getArtifactUri()));
        if (!"mlflow-artifacts".equals(root.getScheme())) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "artifact " + path
                            + ": MLflow must take uploads itself (--serve-artifacts), but its artifacts go to "
                            + root.getScheme() + ": URIs");
        }
        return ARTIFACTS + segments(root.getPath()) + segments("/" + path);
    }

    private static String segments(String path) {
        return Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(segment ->
                        "/" + URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining());
    }

    /** A durable effect. */
    private <T> T change(String call, Function<MlflowClient, T> work) {
        effects.before();
        try {
            T answer = ask(call, work);
            effects.after();
            return answer;
        } catch (PerduraException e) {
            if (e.getCause() instanceof MlflowHttpException) {
                effects.after(); // it has answered
            }
            throw e;
        }
    }

    private <T> T ask(String call, Function<MlflowClient, T> work) {
        MlflowClient asked = client;
        Future<T> answer = calls.submit(() -> work.apply(asked));
        try {
            return answer.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw failure(call, e.getCause());
        } catch (TimeoutException e) {
            abandon(asked);
            throw unavailable(call, "within " + ANSWER.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            abandon(asked);
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for MLflow", e);
        }
    }

    /** Closing its connections is what ends a request. */
    private void abandon(MlflowClient asked) {
        client = connect(config);
        asked.close();
    }

    private PerduraException failure(String call, @Nullable Throwable cause) {
        if (cause instanceof MlflowHttpException http) {
            return reply(call, http).failure(http);
        }
        if (cause instanceof MlflowClientException || cause instanceof IllegalStateException) {
            return unavailable(call, String.valueOf(cause.getMessage()), cause);
        }
        return new PerduraException(ErrorCode.INTERNAL, "MLflow's client failed in " + call + ": " + cause, cause);
    }

    private PerduraException unavailable(String call, String how, @Nullable Throwable cause) {
        return new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "MLflow at " + config.trackingUri() + " didn't answer " + call + " (" + how + ")",
                cause);
    }

    private static Reply reply(String call, MlflowHttpException e) {
        return Reply.of(
                MlflowConfig.DIALECT, call, e.getStatusCode(), e.getBodyMessage() == null ? "" : e.getBodyMessage());
    }

    /** MLflow's word for an error, or empty. */
    private static String errorCode(PerduraException e) {
        return e.getCause() instanceof MlflowHttpException http
                ? reply("", http).body().path("error_code").asText("")
                : "";
    }

    @Override
    public void close() {
        calls.shutdownNow();
        client.close();
    }
}
