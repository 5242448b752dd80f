package perdura.activities.io.airflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Requests to one Airflow. Thread-safe. */
final class AirflowHttp {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final AirflowConfig config;
    private final String base;
    private final DurableEffects effects;

    AirflowHttp(AirflowConfig config, DurableEffects effects) {
        this.config = config;
        this.base = config.url().toString().replaceAll("/+$", "");
        this.effects = effects;
    }

    AirflowConfig config() {
        return config;
    }

    /** What every address of this Airflow begins with; no slash at its end. */
    String base() {
        return base;
    }

    /** Asks without changing anything. */
    AirflowReply get(String path, @Nullable String authorization, Duration patience) {
        return send(request(path, authorization, patience).GET().build(), path);
    }

    /** Posts what changes nothing that lasts. */
    AirflowReply ask(String path, JsonNode body, Duration patience) {
        return send(post(path, body, null, patience), path);
    }

    /** Changes something over there: a durable effect. */
    AirflowReply change(String path, JsonNode body, @Nullable String authorization, Duration patience) {
        HttpRequest request = post(path, body, authorization, patience);
        effects.before();
        AirflowReply reply = send(request, path);
        effects.after();
        return reply;
    }

    private HttpRequest post(String path, JsonNode body, @Nullable String authorization, Duration patience) {
        return request(path, authorization, patience)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private HttpRequest.Builder request(String path, @Nullable String authorization, Duration patience) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(patience)
                .header("Accept", "application/json");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    /** @throws PerduraException SERVICE_UNAVAILABLE if there was no answer: the request may or may not have worked */
    private AirflowReply send(HttpRequest request, String path) {
        String call = request.method() + " " + path;
        try {
            return reply(call, http.send(request, BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE, "Airflow at " + base + " didn't answer " + call + " (" + e + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for Airflow", e);
        }
    }

    private AirflowReply reply(String call, HttpResponse<String> response) {
        try {
            JsonNode body = json.readTree(response.body());
            return body.isObject()
                    ? new AirflowReply(call, response.statusCode(), true, body)
                    : notJson(call, response.statusCode());
        } catch (JsonProcessingException e) {
            return notJson(call, response.statusCode());
        }
    }

    private static AirflowReply notJson(String call, int status) {
        return new AirflowReply(call, status, false, MissingNode.getInstance());
    }
}
