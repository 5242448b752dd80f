package perdura.grids.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;

/** An {@link IngestSpec} as JSON, as the store keeps it. */
public final class IngestSpecJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private IngestSpecJson() {}

    public static String write(IngestSpec spec) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("set", spec.set().word());
        json.put("root", spec.root().toString());
        json.put("profile", spec.profile().name());
        json.put("imageSize", spec.imageSize());
        json.put("vocabulary", text(spec.vocabulary()));
        json.put("minSentences", spec.minSentences());
        json.put("sections", spec.sections().name());
        json.put("list", text(spec.list()));
        json.put("seed", spec.sampling().seed());
        json.put("perClass", spec.sampling().perClass());
        json.put("strict", spec.strict());
        json.put("verify", spec.verify());
        return CanonicalJson.write(json);
    }

    private static @Nullable String text(@Nullable Path path) {
        return path == null ? null : path.toString();
    }

    /** @throws PerduraException INTERNAL for what {@link #write} did not write */
    public static IngestSpec read(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return new IngestSpec(
                    SourceSet.ofWord(json.path("set").asText()).orElseThrow(),
                    Path.of(json.path("root").asText()),
                    IngestSpec.Profile.valueOf(json.path("profile").asText()),
                    json.path("imageSize").asInt(),
                    path(json.path("vocabulary")),
                    json.path("minSentences").asInt(),
                    IngestSpec.Sections.valueOf(json.path("sections").asText()),
                    path(json.path("list")),
                    new IngestSpec.Sampling(
                            json.path("seed").asLong(), json.path("perClass").asInt()),
                    json.path("strict").asBoolean(),
                    json.path("verify").asBoolean());
        } catch (JsonProcessingException | RuntimeException e) {
            throw new PerduraException(
                    ErrorCode.INTERNAL, "the store holds settings of an ingest that can't be read", e);
        }
    }

    private static @Nullable Path path(JsonNode value) {
        return value.isTextual() ? Path.of(value.asText()) : null;
    }
}
