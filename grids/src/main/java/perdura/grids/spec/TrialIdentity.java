package perdura.grids.spec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that decides the result of a trial. No name of a sweep, no time, host or path is in it.
 *
 * @param parameters resolved; references to data sets and weights are not among them, as their digests stand here
 * @param datasetDigest of the ingested manifest
 * @param parent what the encoder begins with: key and stage of a pre-training, or the digest of imported weights; null: the
 *     first values of the seed
 * @param precision for instance {@code fp32}
 * @param engine family and version of the engine, for instance {@code pytorch-2.7}
 */
public record TrialIdentity(
        String task,
        int taskVersion,
        Parameters parameters,
        String datasetDigest,
        @Nullable String parent,
        long seed,
        String precision,
        String engine) {
    /**
     * The identity of a trial.
     *
     * @param schema of its task: parameters that name a data set or weights are left out
     */
    public static TrialIdentity of(
            TrialSpec trial,
            TaskSchema schema,
            String datasetDigest,
            @Nullable String parent,
            String precision,
            String engine) {
        TreeMap<String, @Nullable Object> own = new TreeMap<>(trial.parameters().values());
        for (ParameterSchema parameter : schema.parameters()) {
            if (parameter.type() instanceof ParameterType.Reference) {
                own.remove(parameter.path());
            }
        }
        return new TrialIdentity(
                trial.task(),
                trial.taskVersion(),
                new Parameters(own),
                datasetDigest,
                parent,
                trial.seed(),
                precision,
                engine);
    }

    /** SHA-256 of this as canonical JSON (RFC 8785). */
    public TrialKey key() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("task", task);
        json.put("taskVersion", taskVersion);
        json.put("parameters", parameters.nested());
        json.put("dataset", datasetDigest);
        json.put("parent", parent);
        json.put("seed", seed);
        json.put("precision", precision);
        json.put("engine", engine);
        return new TrialKey(CanonicalJson.sha256(json));
    }
}
