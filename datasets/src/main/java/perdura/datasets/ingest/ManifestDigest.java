package perdura.datasets.ingest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import perdura.grids.spec.Sha256;

/** The digest of a manifest while its lines come: the identity of its data set. */
final class ManifestDigest {
    private final MessageDigest digest;

    ManifestDigest(String header) {
        digest = Sha256.start();
        add(header);
    }

    /** @param line without its end */
    void add(String line) {
        digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** 64 hexadecimal digits; to be called once. */
    String finish() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
