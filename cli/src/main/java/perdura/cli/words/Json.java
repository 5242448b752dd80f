package perdura.cli.words;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.Map;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.store.StoredDataSet;
import perdura.store.StoredSweep;

/** What {@code --json} prints: UTC times as text, run ids as text, what isn't there as null, NaN and the infinities as text. */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .addModule(new SimpleModule().addSerializer(RunId.class, ToStringSerializer.instance))
            .addMixIn(Attempt.class, Ungrouped.class)
            .addMixIn(StoredCheckpoint.class, Ungrouped.class)
            .addMixIn(StoredDataSet.class, Ungrouped.class)
            .addMixIn(StoredSweep.class, Ungrouped.class)
            .addMixIn(Run.Mlflow.class, Prefixed.class)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private Json() {}

    /** What the store groups is printed flat. */
    @SuppressWarnings("UnusedMethod") // Jackson reads the annotations
    private interface Ungrouped {
        @JsonUnwrapped
        Object identity();

        @JsonUnwrapped
        Object limits();

        @JsonUnwrapped
        Object progress();

        @JsonUnwrapped
        Object mlflow();

        @JsonUnwrapped
        Object source();

        @JsonUnwrapped
        Object size();

        @JsonUnwrapped
        Object files();

        @JsonUnwrapped
        Object end();
    }

    private interface Prefixed {
        @JsonProperty("mlflowRunId")
        String runId();

        @JsonProperty("mlflowExperimentId")
        String experimentId();
    }

    public static String of(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + value.getClass(), e);
        }
    }

    /** The properties of a record, to be put with others. */
    public static Map<String, Object> fields(Object value) {
        return MAPPER.convertValue(value, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    /** Prints a value that may be too long for memory: a stream in it is read while it is printed. */
    public static void print(Object value, Terminal terminal) {
        try (Writer lines = new Lines(terminal)) {
            MAPPER.writeValue(lines, value);
        } catch (IOException e) {
            throw new UncheckedIOException("no JSON for " + value.getClass(), e);
        }
    }

    /** Results of a terminal, line by line. */
    private static final class Lines extends Writer {
        private final Terminal terminal;
        private final StringBuilder line = new StringBuilder();

        Lines(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public void write(char[] text, int from, int length) {
            for (int i = from; i < from + length; i++) {
                if (text[i] == '\n') {
                    end();
                } else {
                    line.append(text[i]);
                }
            }
        }

        private void end() {
            terminal.result(line.toString());
            line.setLength(0);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            if (!line.isEmpty()) {
                end();
            }
        }
    }
}
