package perdura.store.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static perdura.store.TestingStore.commit;
import static perdura.store.TestingStore.points;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.Artifacts;
import perdura.store.Commits;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.TestingPostgres;
import perdura.store.TestingStore;

/** The relay and a real MLflow server, which MLflow's own variables name. {@code tools/integration} starts one. */
@ExtendWith(TestingPostgres.class)
class ITMlflowRelay {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Another one each time: the server may remember earlier tests. */
    private final RunId runId = new RunId("it-" + UUID.randomUUID());

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url = Objects.requireNonNullElse(System.getenv("MLFLOW_TRACKING_URI"), "");

    @BeforeEach
    void findServer() {
        assumeTrue(!url.isEmpty(), "tools/integration starts an MLflow server for this test");
    }

    private MlflowConfig config() {
        return new MlflowConfig(
                URI.create(url),
                System.getenv("MLFLOW_TRACKING_USERNAME"),
                System.getenv("MLFLOW_TRACKING_PASSWORD"),
                System.getenv("MLFLOW_TRACKING_TOKEN"));
    }

    private MlflowRelay.Report drain(TestingStore store) {
        try (MlflowRelay relay = new MlflowRelay(store.database(), config(), DurableEffects.counting())) {
            return relay.drain(PATIENCE);
        }
    }

    @Test
    void aRunArrivesWhollyAndASecondTimeChangesNothing(TestingStore store) throws Exception {
        store.createRun(runId);
        new Runs(store.database()).startRun(runId);
        long fence = store.claim(runId).fence();
        List<MetricPoint> points = new ArrayList<>(points("train/loss", 0, 1_200));
        points.add(new MetricPoint("odd values", Double.NaN, 0, Instant.EPOCH));
        points.add(new MetricPoint("odd values", Double.POSITIVE_INFINITY, 1, Instant.EPOCH));
        points.add(new MetricPoint("odd values", Double.NEGATIVE_INFINITY, 2, Instant.EPOCH));
        points.add(new MetricPoint("odd values", 5.0, 3, Instant.EPOCH));
        new Commits(store.database()).publish(commit(runId, fence, 1_200, points));
        new Runs(store.database()).finishRun(runId, RunStatus.FINISHED, null, null);

        assertThat(drain(store).parked()).isZero();
        store.execute("UPDATE outbox SET sent_at = NULL");
        assertThat(drain(store).delivered()).isEqualTo(5);

        Run run = new Runs(store.database()).loadRun(runId);
        String mlflowRunId = Objects.requireNonNull(run.mlflow().runId());
        JsonNode shown = get("runs/get?run_id=" + mlflowRunId).path("run");
        assertThat(shown.path("info").path("status").asText()).isEqualTo("FINISHED");
        assertThat(shown.path("info").path("start_time").asLong())
                .isEqualTo(run.createdAt().toEpochMilli());
        assertThat(shown.path("info").path("end_time").asLong())
                .isEqualTo(Objects.requireNonNull(run.outcome().endedAt()).toEpochMilli());
        assertThat(shown.path("data").path("params")).hasSize(2);
        assertThat(shown.path("data").path("tags").toString()).contains("perdura.run_key", runId.value());
        assertThat(history(mlflowRunId, "train/loss"))
                .hasSize(1_200)
                .allSatisfy(point -> assertThat(point.path("value").asDouble())
                        .isEqualTo(1.0 / (point.path("step").asLong() + 1)));
        assertThat(history(mlflowRunId, "odd values"))
                .extracting(point -> point.path("value").asText())
                .containsExactly(
                        "NaN",
                        String.valueOf(Double.MAX_VALUE), // what MLflow keeps of an infinity
                        String.valueOf(-Double.MAX_VALUE),
                        "5.0");
    }

    @Test
    void severalRelaysAtOnceShowEachPointOnce(TestingStore store) throws Exception {
        List<RunId> runIds = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            RunId one = new RunId(runId + "-" + i);
            runIds.add(one);
            store.createRun(one);
            long fence = store.claim(one).fence();
            for (long step = 0; step < 100; step += 10) {
                new Commits(store.database()).publish(commit(one, fence, step, step + 10));
            }
            new Runs(store.database()).finishRun(one, RunStatus.KILLED, null, null);
        }
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<MlflowRelay.Report>> reports = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                reports.add(threads.submit(() -> drain(store)));
            }
            for (Future<MlflowRelay.Report> report : reports) {
                assertThat(report.get().pending()).isZero();
                assertThat(report.get().parked()).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
        for (RunId one : runIds) {
            Run run = new Runs(store.database()).loadRun(one);
            String mlflowRunId = Objects.requireNonNull(run.mlflow().runId());
            String experimentId = Objects.requireNonNull(run.mlflow().experimentId());
            assertThat(history(mlflowRunId, "train/loss")).hasSize(100);
            assertThat(new MlflowServer(config(), DurableEffects.counting()).listRuns(experimentId, one))
                    .containsExactly(mlflowRunId);
        }
    }

    @Test
    void aRunWhoseIdWasLostIsFoundByItsKey(TestingStore store) throws Exception {
        store.createRun(runId);
        assertThat(drain(store).parked()).isZero();
        String first = Objects.requireNonNull(
                new Runs(store.database()).loadRun(runId).mlflow().runId());
        store.execute("UPDATE delivery SET mlflow_run_id = NULL");
        new Runs(store.database()).startRun(runId);

        assertThat(drain(store).parked()).isZero();

        assertThat(new Runs(store.database()).loadRun(runId).mlflow().runId()).isEqualTo(first);
    }

    @Test
    void aRunThatIsNotThereIsMadeAgainWithAllItHad(TestingStore store) throws Exception {
        store.createRun(runId);
        new Commits(store.database()).publish(commit(runId, store.claim(runId).fence(), 0, 10));
        assertThat(drain(store).parked()).isZero();
        String lost = Objects.requireNonNull(
                new Runs(store.database()).loadRun(runId).mlflow().runId());
        new MlflowServer(config(), DurableEffects.counting()).deleteRun(lost);
        store.execute("UPDATE delivery SET mlflow_run_id = '" + "f".repeat(32) + "'");
        new Runs(store.database()).startRun(runId);

        assertThat(drain(store).parked()).isZero();

        String again = Objects.requireNonNull(
                new Runs(store.database()).loadRun(runId).mlflow().runId());
        assertThat(again).isNotEqualTo(lost).isNotEqualTo("f".repeat(32));
        assertThat(history(again, "train/loss")).hasSize(10);
        assertThat(get("runs/get?run_id=" + again).path("run").path("data").path("params"))
                .hasSize(2);
    }

    @Test
    void aResumedRunHasNoEndAndNoReasonAnyMore(TestingStore store) throws Exception {
        Runs runs = new Runs(store.database());
        store.createRun(runId);
        runs.finishRun(runId, RunStatus.FAILED, "TRAINING_DIVERGED", "the loss is NaN at step 7");
        assertThat(drain(store).parked()).isZero();
        String id = Objects.requireNonNull(runs.loadRun(runId).mlflow().runId());
        JsonNode failed = get("runs/get?run_id=" + id).path("run");
        assertThat(failed.path("info").path("end_time").asLong()).isPositive();
        assertThat(failed.path("data").path("tags").toString())
                .contains("perdura.error_code", "TRAINING_DIVERGED", "the loss is NaN at step 7");

        runs.startRun(runId);
        assertThat(drain(store).parked()).isZero();

        JsonNode resumed = get("runs/get?run_id=" + id).path("run");
        assertThat(resumed.path("info").path("status").asText()).isEqualTo("RUNNING");
        assertThat(resumed.path("info").has("end_time")).isFalse();
        assertThat(resumed.path("data").path("tags").toString()).doesNotContain("perdura.error");
    }

    @Test
    void aLongParameterIsMarkedAndKeptWhole(TestingStore store) throws Exception {
        String text = "é123456789".repeat(700);
        new Runs(store.database())
                .createRun(new NewRun(
                        runId,
                        new Run.Identity("tests", "long", RunKind.PRETRAIN, "{}", "h", 1),
                        Map.of("words", text),
                        Map.of("perdura.long", text + text)));

        assertThat(drain(store).parked()).isZero();

        Run run = new Runs(store.database()).loadRun(runId);
        JsonNode data =
                get("runs/get?run_id=" + run.mlflow().runId()).path("run").path("data");
        assertThat(data.path("params").get(0).path("value").asText())
                .endsWith("characters and is artifact parameters/words.txt]");
        assertThat(data.path("tags").toString()).contains("is artifact tags/perdura.long.txt]");
        assertThat(fetch("/api/2.0/mlflow-artifacts/artifacts/" + run.mlflow().experimentId() + "/"
                        + run.mlflow().runId() + "/artifacts/parameters/words.txt"))
                .isEqualTo(text);
    }

    @Test
    void artifactsAreUploaded(TestingStore store, @TempDir Path folder) throws Exception {
        store.createRun(runId);
        Path file = Files.writeString(folder.resolve("log.txt"), "crash é");
        new Artifacts(store.database()).addArtifact(runId, "crash/hs err+1.log", file.toUri());

        assertThat(drain(store).parked()).isZero();

        Run run = new Runs(store.database()).loadRun(runId);
        String path = "/api/2.0/mlflow-artifacts/artifacts/" + run.mlflow().experimentId() + "/"
                + run.mlflow().runId() + "/artifacts/crash/hs%20err%2B1.log";
        assertThat(fetch(path)).isEqualTo("crash é");
    }

    @Test
    void aDeletedRunIsSetAsideAndADeletedExperimentRestored(TestingStore store) throws Exception {
        store.createRun(runId);
        drain(store);
        Run run = new Runs(store.database()).loadRun(runId);
        MlflowServer client = new MlflowServer(config(), DurableEffects.counting());
        client.deleteRun(Objects.requireNonNull(run.mlflow().runId()));
        new Commits(store.database()).publish(commit(runId, store.claim(runId).fence(), 0, 10));

        MlflowRelay.Report report = drain(store);

        assertThat(report.pending()).isZero();
        assertThat(report.parked()).isEqualTo(1);
        post("experiments/delete", "{\"experiment_id\":\"" + run.mlflow().experimentId() + "\"}");
        assertThat(client.openExperiment("tests")).isEqualTo(run.mlflow().experimentId());
        assertThat(get("experiments/get?experiment_id=" + run.mlflow().experimentId())
                        .path("experiment")
                        .path("lifecycle_stage")
                        .asText())
                .isEqualTo("active");
    }

    private List<JsonNode> history(String mlflowRunId, String key) throws IOException, InterruptedException {
        JsonNode reply = get("metrics/get-history?run_id=" + mlflowRunId + "&metric_key=" + key.replace(" ", "%20"));
        List<JsonNode> points = new ArrayList<>();
        reply.path("metrics").forEach(points::add);
        return points;
    }

    private JsonNode get(String call) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(fetch("/api/2.0/mlflow/" + call));
    }

    private String fetch(String path) throws IOException, InterruptedException {
        HttpRequest request = request(path).build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
        String authorization = config().authorization();
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private void post(String call, String body) throws IOException, InterruptedException {
        HttpRequest request = request("/api/2.0/mlflow/" + call)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
}
