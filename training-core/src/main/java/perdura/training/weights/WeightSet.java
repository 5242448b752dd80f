package perdura.training.weights;

import java.nio.file.Path;
import java.util.List;

/**
 * Imported weights in the artifact store.
 *
 * @param folder absolute
 * @param names that people gave them, sorted; may be empty
 */
public record WeightSet(Path folder, WeightManifest manifest, List<String> names) {
    static final String WEIGHTS = "weights.safetensors";
    static final String MANIFEST = "MANIFEST.json";
    static final String VOCABULARY = "vocab.txt";

    public WeightSet {
        names = List.copyOf(names);
    }

    public String digest() {
        return manifest.digest();
    }

    /** The tensors. */
    public Path weights() {
        return folder.resolve(WEIGHTS);
    }
}
