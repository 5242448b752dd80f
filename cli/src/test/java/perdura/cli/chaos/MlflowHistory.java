package perdura.cli.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import perdura.store.relay.MlflowConfig;

/** What the real MLflow shows of a run, read by its REST interface and by nothing of ours. */
final class MlflowHistory {
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final MlflowConfig mlflow;

    MlflowHistory(MlflowConfig mlflow) {
        this.mlflow = mlflow;
    }

    /** Status of an MLflow run, for instance FINISHED. */
    String status(String mlflowRunId) throws IOException, InterruptedException {
        return get("runs/get?run_id=" + mlflowRunId)
                .path("run")
                .path("info")
                .path("status")
                .asText();
    }

    /** Steps of every point of every metric, in the order of the steps; a point that is there twice is listed twice. */
    Map<String, List<Long>> steps(String mlflowRunId) throws IOException, InterruptedException {
        Map<String, List<Long>> steps = new TreeMap<>();
        JsonNode latest =
                get("runs/get?run_id=" + mlflowRunId).path("run").path("data").path("metrics");
        for (JsonNode metric : latest) {
            String key = metric.path("key").asText();
            JsonNode points = get("metrics/get-history?run_id=" + mlflowRunId + "&metric_key="
                            + URLEncoder.encode(key, StandardCharsets.UTF_8))
                    .path("metrics");
            List<Long> own = new ArrayList<>();
            points.forEach(point -> own.add(point.path("step").asLong()));
            own.sort(null);
            steps.put(key, own);
        }
        return steps;
    }

    /** The values of a tag of all runs below another one. */
    List<String> tagsOfChildren(String mlflowExperimentId, String mlflowRunId, String tag)
            throws IOException, InterruptedException {
        String body = json.writeValueAsString(Map.of(
                "experiment_ids",
                List.of(mlflowExperimentId),
                "max_results",
                1_000,
                "filter",
                "tags.`mlflow.parentRunId` = '" + mlflowRunId + "'"));
        HttpRequest request = request("runs/search")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        List<String> values = new ArrayList<>();
        for (JsonNode run : json.readTree(
                        http.send(request, BodyHandlers.ofString()).body())
                .path("runs")) {
            for (JsonNode each : run.path("data").path("tags")) {
                if (each.path("key").asText().equals(tag)) {
                    values.add(each.path("value").asText());
                }
            }
        }
        values.sort(null);
        return values;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(mlflow.trackingUri().resolve("/api/2.0/mlflow/" + path))
                .header("Authorization", String.valueOf(mlflow.authorization()));
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request = request(path).timeout(Duration.ofMinutes(2)).build();
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("MLflow answers " + response.statusCode() + " to " + path);
        }
        return json.readTree(response.body());
    }
}
