package perdura.grids.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.PretrainSpec;

/** The identity of a pre-training: everything that decides its weights, and nothing else. */
public final class PretrainKey {
    /** What a run is called, where it runs and how often it commits change no bit. */
    private static final List<String> NO_PART =
            List.of("name", "experiment", "profile", "data", "commit", "resources", "resume", "prepare");

    /**
     * What a run is validated on changes no bit either, but keys of runs that are there hold the profiles' default. It stays in every key,
     * whatever the spec says.
     */
    private static final Map<String, Object> VALIDATION = Map.of("pairs", 512);

    private static final ObjectMapper JSON = new ObjectMapper();

    private PretrainKey() {}

    /**
     * SHA-256 of the spec and its data, 64 hexadecimal digits.
     *
     * @param dataDigest of the data set that it is trained on
     * @param engine family and version
     */
    public static String of(PretrainSpec spec, String dataDigest, String engine) {
        Map<String, @Nullable Object> parts = new TreeMap<>(fields(SpecJson.write(spec)));
        Object split = parts.get("data") instanceof Map<?, ?> data ? data.get("split") : null;
        NO_PART.forEach(parts::remove);
        parts.put("validation", VALIDATION);
        parts.put("dataset", dataDigest);
        parts.put("split", split);
        parts.put("engine", engine);
        return CanonicalJson.sha256(parts);
    }

    private static Map<String, @Nullable Object> fields(String json) {
        try {
            return JSON.readValue(json, new TypeReference<Map<String, @Nullable Object>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a written spec is not JSON", e);
        }
    }
}
