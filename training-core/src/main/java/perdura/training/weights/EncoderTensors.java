package perdura.training.weights;

import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.TensorSource;
import perdura.training.weights.file.WeightFile;

/**
 * The image encoder within a model that is exported whole.
 *
 * @param counts BatchNorm's numbers of batches, which ours does not count
 */
record EncoderTensors(ResnetSizes sizes, List<TensorSource> tensors, List<TensorSource> counts) {
    /**
     * Reads names and shapes.
     *
     * @param target what the names begin with in the export
     * @throws PerduraException INVALID_SPEC if the source has no image encoder
     */
    static EncoderTensors read(WeightFile file, ExportSource source, String target) {
        String prefix = source.image();
        if (prefix == null) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, source.weights() + " has no image encoder");
        }
        ImportIssues findings = new ImportIssues(source.weights().toString());
        ResnetSizes sizes = ResnetReading.read(file.tensors(), prefix, "", findings);
        findings.throwIfAny();
        List<TensorSource> tensors = new ArrayList<>();
        findings.taken().forEach((name, tensor) -> tensors.add(file.source(tensor, target + name)));
        List<TensorSource> counts = new ArrayList<>();
        findings.initial().forEach(left -> counts.add(Counts.zero(target + left.name())));
        return new EncoderTensors(sizes, tensors, counts);
    }
}
