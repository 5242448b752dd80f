package perdura.training.methods.sense.model;

import java.util.List;
import perdura.training.torch.Tensor;

/**
 * The sentences of some reports, each distinct one once, in groups of about the same length. The sentences of all groups are counted on,
 * S in all. With pooling {@code MAX} a report has one sentence, its whole text.
 *
 * @param ids of each group, int64 [R, T], padded with 0
 * @param masks of each group, int64 [R, T], 1 for a position that holds a piece
 * @param places int64 [B, M]: which sentence is a report's first, second and so on; S where it has no more. Each has at least one
 */
public record ReportTensors(List<Tensor> ids, List<Tensor> masks, Tensor places) {
    public ReportTensors {
        ids = List.copyOf(ids);
        masks = List.copyOf(masks);
    }
}
