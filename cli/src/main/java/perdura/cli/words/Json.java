package perdura.cli.words;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
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
}
