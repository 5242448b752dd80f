package perdura.grids.read;

import java.util.Map;
import java.util.TreeMap;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ResourceSpec;

/**
 * What a pre-training that somebody else than a file describes begins with.
 *
 * @param name what it is called
 * @param experiment MLflow's experiment
 * @param method by which it learns
 * @param profile the defaults that it is built on
 * @param dataset digest of an ingested data set
 */
public record PretrainStart(
        String name, String experiment, String method, String profile, String dataset, ResourceSpec resources) {
    /** A document that the profile completes: JSON, which is YAML too. */
    String json() {
        Map<String, Object> document = new TreeMap<>();
        document.put("apiVersion", SharedFields.API_VERSION);
        document.put("kind", PretrainCodec.KIND);
        document.put("name", name);
        document.put("experiment", experiment);
        document.put("method", method);
        document.put("profile", profile);
        document.put("data", Map.of("dataset", dataset));
        document.put("resources", SharedFields.RESOURCES.written(resources, false));
        return CanonicalJson.write(document);
    }
}
