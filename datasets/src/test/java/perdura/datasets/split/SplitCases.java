package perdura.datasets.split;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@code splits.json}, and what its cases are about. */
final class SplitCases {
    private SplitCases() {}

    static JsonNode read(String table) {
        try (InputStream in = SplitCases.class.getResourceAsStream("splits.json")) {
            JsonNode cases = new ObjectMapper().readTree(in).get(table);
            return Objects.requireNonNull(cases, table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code n} samples whose ids ascend with their rows. */
    static Samples numbered(int n) {
        return Samples.withoutPatients(
                IntStream.range(0, n).mapToObj("%06d"::formatted).toList());
    }

    /** SHA-256 over the row numbers, a line each, as the script takes it. */
    static String digest(RowList rows) {
        String lines = rows.stream().mapToObj(row -> row + "\n").collect(Collectors.joining());
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(lines.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
