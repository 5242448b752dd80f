package perdura.activities.io.airflow;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where Airflow is. {@link #toString} hides token and password.
 *
 * @param url its web server: {@code http://host:port}, perhaps with a path; the pages that people are sent to begin with it
 * @param user for Airflow 3's {@code /auth/token} or for Airflow 2's basic authentication, or null for none
 * @param password of the user, or null for none
 * @param token sent as bearer token instead of the user, or null for none
 */
public record AirflowConfig(
        URI url,
        @Nullable String user,
        @Nullable String password,
        @Nullable String token) {
    @Override
    public String toString() {
        return "AirflowConfig[" + url + "]";
    }
}
