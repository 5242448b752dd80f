package perdura.activities.io.airflow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.store.http.JsonService;

/** The header by which Airflow knows us: a token that is given, one that Airflow 3 gives for a password, or the password itself. */
final class AirflowLogin {
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
