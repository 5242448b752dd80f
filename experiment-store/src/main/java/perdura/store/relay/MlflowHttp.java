package perdura.store.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Requests to MLflow, with its credentials. Thread-safe. */
final class MlflowHttp {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    /** MLflow on SQLite holds a request for 20 s when its file is locked, and for 85 s in the worst case measured. */
    private static final Duration ANSWER = Duration.ofSeconds(90);
    /** Artifacts may be large. */
    private static final Duration UPLOAD = Duration.ofMinutes(10);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final String base;
    private final @Nullable String authorization;
    private final DurableEffects effects;

    MlflowHttp(MlflowConfig config, DurableEffects effects) {
        this.base = config.trackingUri().toString().replaceAll("/+$", "");
        this.authorization = authorization(config);
        this.effects = effects;
    }

    private static @Nullable String authorization(MlflowConfig config) {
        if (config.token() != null) {
            return "Bearer " + config.token();
        }
        if (config.user() == null) {
            return null;
        }
        String pair = config.user() + ":" + (config.password() == null ? "" : config.password());
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** Asks without changing anything. */
    MlflowReply get(String pathAndQuery) {
        return send(request(pathAndQuery, ANSWER).GET().build(), pathAndQuery);
    }

    /** Asks by POST, as searches do. */
    MlflowReply ask(String path, JsonNode body) {
        return send(post(path, write(body)), path);
    }

    /** Changes something over there: a durable effect. */
    MlflowReply change(String path, JsonNode body) {
        return change(path, write(body));
    }

    /** As {@link #change(String, JsonNode)}, for a body that is JSON already. */
    MlflowReply change(String path, String body) {
        HttpRequest request = post(path, body);
        effects.before();
        MlflowReply reply = send(request, path);
        effects.after();
        return reply;
    }

    /** Sends the bytes of a file. A durable effect. */
    MlflowReply upload(String path, Path file) {
        BodyPublisher bytes;
        try {
            bytes = BodyPublishers.ofFile(file);
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.NOT_FOUND, file + " can't be read for upload (" + e + ")", e);
        }
        HttpRequest request = request(path, UPLOAD).PUT(bytes).build();
        effects.before();
        MlflowReply reply = send(request, path);
        effects.after();
        return reply;
    }

    private HttpRequest post(String path, String body) {
        return request(path, ANSWER)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String pathAndQuery, Duration timeout) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + pathAndQuery)).timeout(timeout);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    /** @throws PerduraException SERVICE_UNAVAILABLE if there was no answer: the request may or may not have worked */
    private MlflowReply send(HttpRequest request, String pathAndQuery) {
        String call = request.method() + " " + pathAndQuery;
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            return reply(call, response);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.SERVICE_UNAVAILABLE, "MLflow at " + base + " didn't answer " + call + " (" + e + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for MLflow", e);
        }
    }

    private MlflowReply reply(String call, HttpResponse<String> response) {
        try {
            JsonNode body = json.readTree(response.body());
            return new MlflowReply(call, response.statusCode(), body.isObject(), body);
        } catch (JsonProcessingException e) {
            return new MlflowReply(call, response.statusCode(), false, MissingNode.getInstance());
        }
    }

    /** Writes NaN and the infinities as strings, which is what MLflow reads; bare ones would corrupt the batch. */
    String write(JsonNode node) {
        try {
            return json.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of nodes can always be written", e);
        }
    }
}
