package perdura.store.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DurableEffects;
import perdura.store.http.JsonService;

/**
 * Where MLflow is. {@link #toString} hides token and password.
 *
 * @param trackingUri {@code http://host:port}, perhaps with a path
 * @param user for basic authentication, or null for none
 * @param password for basic authentication, or null for none
 * @param token sent as bearer token instead, or null for none
 */
public record MlflowConfig(
        URI trackingUri,
        @Nullable String user,
        @Nullable String password,
        @Nullable String token) {
    /** A page with a status of 500 is how MLflow answers a request that it can't read: it will not heal. */
    static final JsonService.Dialect DIALECT = new JsonService.Dialect(
            "MLflow",
            Set.of(),
            Set.of(407, 408, 425, 429, 502, 503, 504),
            false,
            JsonNode::isObject,
            MlflowConfig::words,
            "; correct mlflow.user and mlflow.password, or mlflow.token");

    private static final int SHOWN = 300;

    private static String words(JsonNode body) {
        String message = body.path("message").asText("");
        return body.path("error_code").asText("") + " "
                + (message.length() <= SHOWN ? message : message.substring(0, SHOWN) + "...");
    }

    /** Requests that MLflow's own client doesn't serve. */
    public JsonService service(DurableEffects effects) {
        return new JsonService(DIALECT, trackingUri, effects);
    }

    /** As {@link #service(DurableEffects)}; a connection is waited for so long. */
    public JsonService service(DurableEffects effects, Duration connect) {
        return new JsonService(DIALECT, trackingUri, effects, connect);
    }

    /**
     * The status with which it answers a question to its database: {@code /health} says yes with the database down.
     *
     * @throws perdura.grids.spec.PerduraException SERVICE_UNAVAILABLE, or PREEMPTED, if it does not answer
     */
    public int askStatus(Duration patience) {
        return askStatus(service(DurableEffects.counting()), patience);
    }

    /** As {@link #askStatus(Duration)}, for those who ask again and again: by a service of theirs, to this address. */
    public int askStatus(JsonService service, Duration patience) {
        JsonNode one = JsonNodeFactory.instance.objectNode().put("max_results", 1);
        return service.ask("/api/2.0/mlflow/experiments/search", one, authorization(), patience)
                .status();
    }

    /** The value of the header {@code Authorization}; null for an MLflow that asks nobody. */
    public @Nullable String authorization() {
        if (token != null) {
            return "Bearer " + token;
        }
        return user == null ? null : JsonService.basic(user, password);
    }

    @Override
    public String toString() {
        return "MlflowConfig[" + trackingUri + "]";
    }
}
