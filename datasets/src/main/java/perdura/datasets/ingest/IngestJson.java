package perdura.datasets.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;

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
        try {
            return required(file, MAPPER.readValue(RegularFile.read(file, ReadLimit.STORE_FILE_BYTES), type));
        } catch (JsonProcessingException e) {
            throw damaged(file, reason(e), e);
        } catch (RegularFile.NotRegularException | RegularFile.TooLargeException e) {
            throw damaged(file, RegularFile.reason(e), e);
        }
    }

    /** A record from a line of a file. */
    static <T> T parse(Path file, String line, Class<T> type) {
        try {
            return required(file, MAPPER.readValue(line, type));
        } catch (JsonProcessingException e) {
            throw damaged(file, "a line: " + reason(e), e);
        }
    }

    /** Without the place, which the library tells in words of its own. */
    private static String reason(JsonProcessingException e) {
        return PlainText.shown(e.getOriginalMessage().replaceFirst("(?s) \\(start marker at .*", ""));
    }

    private static <T> T required(Path file, @Nullable T value) {
        if (value == null) {
            throw damaged(file, "it is null", null);
        }
        return value;
    }

    /** The lines of a file, one in memory at a time; to be closed. */
    static Stream<String> lines(Path file) throws IOException {
        InputStream in;
        try {
            in = RegularFile.stream(file);
        } catch (RegularFile.NotRegularException e) {
            throw damaged(file, RegularFile.reason(e), e);
        }
        return new LineReader(new LineStream(in, file), file).lines().onClose(() -> close(in));
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of a file in a folder of an unfinished ingest: what the folder holds can be made again. */
    static PerduraException damaged(Path file, String what, @Nullable IOException cause) {
        return new PerduraException(
                ErrorCode.INVALID_DATA,
                file + ": damaged (" + what + "); remove the folder " + file.getParent()
                        + " and ingest again: what it held is made anew",
                cause);
    }

    /** Says which file is not text. */
    private static final class LineReader extends BufferedReader {
        private final Path file;

        LineReader(InputStream in, Path file) {
            super(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
            this.file = file;
        }

        @Override
        public @Nullable String readLine() throws IOException {
            try {
                return super.readLine();
            } catch (CharacterCodingException e) {
                throw damaged(file, RegularFile.reason(e), e);
            }
        }
    }

    /** Ends where a line is longer than any of ours. */
    private static final class LineStream extends FilterInputStream {
        private final Path file;
        private final long most = ReadLimit.STORE_LINE_BYTES.most();
        private long length;

        LineStream(InputStream in, Path file) {
            super(in);
            this.file = file;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            int read = super.read(bytes, offset, count);
            for (int i = offset; i < offset + read; i++) {
                length = bytes[i] == '\n' ? 0 : length + 1;
                if (length > most) {
                    throw damaged(file, "a line is too long: " + ReadLimit.STORE_LINE_BYTES.told(), null);
                }
            }
            return read;
        }
    }

    static void writeLine(OutputStream out, byte[] line) throws IOException {
        out.write(line);
        out.write('\n');
    }
}
