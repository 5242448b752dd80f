package perdura.datasets.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Records as JSON: whole files, or a line each. */
final class IngestJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .build();

    private IngestJson() {}

    static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value.getClass() + " can't be written as JSON", e);
        }
    }

    /** The properties of a record. */
    static Map<String, Object> map(Object value) {
        return MAPPER.convertValue(value, new TypeReference<>() {});
    }

    static <T> T read(Path file, Class<T> type) throws IOException {
        return MAPPER.readValue(file.toFile(), type);
    }

    /** The records of a file with one on each line. */
    static <T> Lines<T> lines(Path file, Class<T> type) throws IOException {
        return new Lines<>(file, Files.newBufferedReader(file, StandardCharsets.UTF_8), type);
    }

    /** Records, one after the other, of a file that stays open meanwhile. */
    static final class Lines<T> implements Iterator<T>, AutoCloseable {
        private final Path file;
        private final BufferedReader in;
        private final Class<T> type;
        private @Nullable String next;

        private Lines(Path file, BufferedReader in, Class<T> type) throws IOException {
            this.file = file;
            this.in = in;
            this.type = type;
            this.next = in.readLine();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        /** The line as it stands, without going on. */
        String peek() {
            String line = next;
            if (line == null) {
                throw new NoSuchElementException(file + " has no more lines");
            }
            return line;
        }

        @Override
        public T next() {
            String line = peek();
            try {
                T value = MAPPER.readValue(line, type);
                next = in.readLine();
                return value;
            } catch (IOException e) {
                throw new UncheckedIOException(file + " holds a damaged line", e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
