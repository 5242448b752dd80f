package perdura.store.relay;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where MLflow is. {@link #toString} hides token and password.
 *
 * @param trackingUri {@code http://host:port}
 */
public record MlflowConfig(
        URI trackingUri,
        @Nullable String user,
        @Nullable String password,
        @Nullable String token) {
    @Override
    public String toString() {
        return "MlflowConfig[" + trackingUri + "]";
    }
}
