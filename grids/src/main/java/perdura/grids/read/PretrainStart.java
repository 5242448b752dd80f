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
 * @param profile the defaults that it is built on
 * @param dataset digest of an ingested data set
 */
public record PretrainStart(String name, String experiment, String profile, String dataset, ResourceSpec resources) {
    /** A document that the profile completes: JSON, which is YAML too. */
    String json() {
        Map<String, Object> document = new TreeMap<>();
        document.put("apiVersion", PretrainFields.API_VERSION);
        document.put("kind", PretrainFields.KIND);
        document.put("name", name);
        document.put("experiment", experiment);
        document.put("method", "prior");
        document.put("profile", profile);
        document.put("data", Map.of("dataset", dataset));
        int threads = resources.threads();
        document.put(
                "resources", Map.of("device", resources.device(), "threads", threads == 0 ? (Object) "auto" : threads));
        return CanonicalJson.write(document);
    }
}
