package perdura.training.weights;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/**
 * The weights of a run's checkpoint, to be taken whole or in part.
 *
 * @param manifestDigest what the store knows about it
 */
public record CheckpointWeights(Path folder, String manifestDigest) {
    /**
     * Copies the tensors of a layout over those of the same names. Every byte of the checkpoint is checked before, and every
     * name and shape before the first is replaced.
     *
     * @param parameters has all tensors of the layout
     * @param taker what the layout is of, for messages: {@code the encoder}
     * @throws PerduraException INVALID_SPEC if the checkpoint lacks a tensor or one has another shape; as
     *     {@link CheckpointReader#read} if it is damaged
     */
    public void copyInto(StateDictLayout layout, Parameters parameters, String taker) {
        Path weights = CheckpointReader.verifiedWeights(folder, manifestDigest);
        Map<String, FileTensor> wanted = new LinkedHashMap<>();
        try (WeightFile file = WeightFile.open(weights)) {
            Map<String, FileTensor> found = new LinkedHashMap<>();
            file.tensors().forEach(tensor -> found.put(tensor.name(), tensor));
            layout.shapes().forEach((name, shape) -> wanted.put(name, tensor(name, shape, found, taker)));
            wanted.forEach((name, tensor) -> parameters.copyIn(file.read(tensor, name)));
        }
    }

    private FileTensor tensor(String name, List<Long> shape, Map<String, FileTensor> found, String taker) {
        FileTensor tensor = found.get(name);
        if (tensor == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    folder + ": has no tensor " + name + "; " + taker + " must have the sizes of the pre-training");
        }
        if (!tensor.shape().equals(shape)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    folder + ": tensor " + name + " is " + tensor.shape() + ", of " + taker + " " + shape + "; " + taker
                            + " must have the sizes of the pre-training");
        }
        return tensor;
    }
}
