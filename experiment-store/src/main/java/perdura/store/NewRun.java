package perdura.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/**
 * A run to be created.
 *
 * @param params what MLflow shows as parameters, in this order; never a text or path of medical data
 * @param tags what MLflow shows as tags
 * @param parent the run below which MLflow shows this one; null: none
 */
public record NewRun(
        RunId runId,
        Run.Identity identity,
        Map<String, String> params,
        Map<String, String> tags,
        @Nullable RunId parent) {
    public NewRun {
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    /** A run below no other. */
    public NewRun(RunId runId, Run.Identity identity, Map<String, String> params, Map<String, String> tags) {
        this(runId, identity, params, tags, null);
    }
}
