package perdura.activities.worker;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where Temporal is. {@link #toString} hides the API key.
 *
 * @param address {@code host:port}
 * @param tls whether the connection is encrypted; certificates and an API key imply it
 * @param tlsCa PEM file of the authorities to trust, or null for those of the JDK
 * @param tlsCert PEM file of the client's certificate chain, or null for none
 * @param tlsKey PEM file (PKCS#8) of the client's key; given exactly when {@code tlsCert} is
 * @param apiKey sent as bearer token, or null for none
 */
public record TemporalConfig(
        String address,
        String namespace,
        boolean tls,
        @Nullable Path tlsCa,
        @Nullable Path tlsCert,
        @Nullable Path tlsKey,
        @Nullable String apiKey) {
    public TemporalConfig {
        if ((tlsCert == null) != (tlsKey == null)) {
            throw new IllegalArgumentException(
                    "a client certificate needs its key and the key its certificate, was certificate " + tlsCert
                            + ", key " + tlsKey);
        }
    }

    /** A server without encryption, namespace {@code default}. */
    public static TemporalConfig plain(String address) {
        return new TemporalConfig(address, "default", false, null, null, null, null);
    }

    boolean isEncrypted() {
        return tls || tlsCa != null || tlsCert != null || apiKey != null;
    }

    @Override
    public String toString() {
        return "TemporalConfig[" + address + ", " + namespace + ", tls " + isEncrypted() + ", API key "
                + (apiKey == null ? "none" : "***") + "]";
    }
}
