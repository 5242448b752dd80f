package perdura.training.weights;

import java.nio.file.Path;
import java.util.List;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.weights.file.WeightFile;

/** Writes all tensors under the names of ours into one safetensors file. */
public final class SafetensorsExport {
    private SafetensorsExport() {}

    /**
     * Writes the file.
     *
     * @return the Python lines that load it
     * @throws PerduraException INVALID_SPEC if the place is taken; ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public static List<String> write(ExportSource source, Path out, DurableEffects effects) {
        try (WeightFile file = WeightFile.open(source.weights())) {
            ExportTarget.write(
                    out,
                    effects,
                    path -> SafetensorsWriter.write(
                            path,
                            file.tensors().stream()
                                    .map(tensor -> file.source(tensor, source.name(tensor)))
                                    .toList(),
                            effects));
        }
        return List.of(
                "from safetensors.torch import load_file",
                "weights = load_file(" + TorchvisionExport.quoted(out) + ")");
    }
}
