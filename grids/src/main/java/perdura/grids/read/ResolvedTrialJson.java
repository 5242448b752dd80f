package perdura.grids.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RetrySpec;
import perdura.grids.spec.TrialSpec;

/**
 * A {@link ResolvedTrial} as canonical JSON, as the store keeps it. Parameters stand by path. As JSON makes no difference
 * between 1 and 1.0, {@code reals} names the parameters that are no integers.
 */
public final class ResolvedTrialJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KIND = "Trial";

    private ResolvedTrialJson() {}

    /** The whole trial. {@link #read} gives an equal one. */
    public static String write(ResolvedTrial trial) {
        TrialSpec spec = trial.spec();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("kind", KIND);
        json.put("task", spec.task());
        json.put("taskVersion", spec.taskVersion());
        json.put("parameters", spec.parameters().values());
        json.put("reals", reals(spec.parameters()));
        json.put("seed", String.valueOf(spec.seed())); // any long, which a number of JSON can't be
        json.put("references", trial.references());
        json.put("parent", trial.parent());
        json.put("device", trial.resources().device());
        json.put("threads", trial.resources().threads());
        json.put("attempts", trial.retry().attempts());
        json.put("backoff", trial.retry().backoff().toString());
        return CanonicalJson.write(json);
    }

    private static List<String> reals(Parameters parameters) {
        List<String> paths = new ArrayList<>();
        parameters.values().forEach((path, value) -> {
            boolean isReal = value instanceof Double
                    || (value instanceof List<?> list && list.stream().anyMatch(item -> item instanceof Double));
            if (isReal) {
                paths.add(path);
            }
        });
        return paths;
    }

    /** @throws PerduraException INTERNAL for what {@link #write} did not write */
    public static ResolvedTrial read(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            ResolvedTrial trial = read(json);
            if (!write(trial).equals(text)) {
                throw new IllegalArgumentException("it is not written as it would be");
            }
            return trial;
        } catch (JsonProcessingException | RuntimeException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the store holds a trial that can't be read: " + e, e);
        }
    }

    private static ResolvedTrial read(JsonNode json) {
        List<String> reals = new ArrayList<>();
        json.path("reals").forEach(path -> reals.add(path.asText()));
        TreeMap<String, @Nullable Object> parameters = new TreeMap<>();
        json.path("parameters")
                .properties()
                .forEach(entry ->
                        parameters.put(entry.getKey(), value(entry.getValue(), reals.contains(entry.getKey()))));
        TreeMap<String, String> references = new TreeMap<>();
        json.path("references")
                .properties()
                .forEach(
                        entry -> references.put(entry.getKey(), entry.getValue().asText()));
        JsonNode parent = json.path("parent");
        return new ResolvedTrial(
                new TrialSpec(
                        json.path("task").asText(),
                        json.path("taskVersion").asInt(),
                        new Parameters(parameters),
                        Long.parseLong(json.path("seed").asText())),
                references,
                parent.isNull() ? null : parent.asText(),
                new ResourceSpec(
                        json.path("device").asText(), json.path("threads").asInt()),
                new RetrySpec(
                        json.path("attempts").asInt(),
                        Duration.parse(json.path("backoff").asText())));
    }

    private static @Nullable Object value(JsonNode json, boolean isReal) {
        if (json.isNull()) {
            return null;
        }
        if (json.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            json.forEach(item -> list.add(value(item, isReal)));
            return list;
        }
        if (json.isNumber()) {
            return isReal ? (Object) json.asDouble() : (Object) json.asLong();
        }
        return json.isBoolean() ? (Object) json.asBoolean() : json.asText();
    }
}
