package perdura.activities.io.airflow;

import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where Airflow is. {@link #toString} hides token and password.
 *
 * @param url its web server: {@code http://host:port}, perhaps with a path; the pages that people are sent to begin with it
 * @param user for Airflow 3's {@code /auth/token} or for Airflow 2's basic authentication, or null for none
 * @param password of the user, or null for none
 * @param token sent as bearer token instead of the user, or null for none
 * @param secrets what a spec's {@code conf} may name instead of writing it down, by the names of variables
 */
public record AirflowConfig(
        URI url,
        @Nullable String user,
        @Nullable String password,
        @Nullable String token,
        Map<String, String> secrets) {
    /** What the names of such variables begin with. */
    private static final String PREFIX = "PERDURA_SECRET_";

    public AirflowConfig {
        secrets = Collections.unmodifiableMap(new TreeMap<>(secrets));
    }

    public AirflowConfig(URI url, @Nullable String user, @Nullable String password, @Nullable String token) {
        this(url, user, password, token, Map.of());
    }

    /** The same server, with the secrets that are among some variables. */
    public AirflowConfig withSecretsOf(Map<String, String> variables) {
        Map<String, String> found = new TreeMap<>(variables);
        found.keySet().removeIf(name -> !name.startsWith(PREFIX));
        return new AirflowConfig(url, user, password, token, found);
    }

    @Override
    public String toString() {
        return "AirflowConfig[" + url + "]";
    }
}
