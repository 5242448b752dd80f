package perdura.datasets.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The names of the registered transfer syntaxes (PS3.6 table A-1) that are not read, so that a refusal can say what it met. */
final class TransferSyntaxNames {
    private static final String ROOT = "1.2.840.10008.1.2";

    private TransferSyntaxNames() {}

    /** Name and UID; of an unknown one the UID alone. */
    static String of(String uid) {
        Properties bySuffix = new Properties();
        try (InputStream in =
                Objects.requireNonNull(TransferSyntaxNames.class.getResourceAsStream("transfer-syntaxes.properties"))) {
            bySuffix.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the table of transfer syntaxes can't be read", e);
        }
        String name = uid.startsWith(ROOT) ? bySuffix.getProperty(uid.substring(ROOT.length())) : null;
        return name == null ? "'" + uid + "'" : name + " (" + uid + ")";
    }
}
