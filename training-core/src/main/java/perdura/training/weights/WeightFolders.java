package perdura.training.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Which file of a folder has the weights: of a checkpoint or an import of ours, or of Hugging Face. */
public final class WeightFolders {
    private static final List<String> FILES =
            List.of(WeightSet.WEIGHTS, "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin");

    private WeightFolders() {}

    /**
     * The path itself if it is a file, else the file of weights in it.
     *
     * @throws PerduraException NOT_FOUND if the folder has none
     */
    public static Path fileOf(Path path) {
        if (!Files.isDirectory(path)) {
            return path;
        }
        return FILES.stream()
                .map(path::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.NOT_FOUND,
                        path + ": the folder has none of " + FILES + "; name the file with the weights"));
    }
}
