package perdura.training.tasks.segment;

import perdura.training.nn.MaskLoss;
import perdura.training.nn.ScriptBuilder;

/** Which pixels a U-Net calls on, as a part of its program. */
enum MaskRule {
    /** p >= 0.5, that is a logit of at least 0 (prior.md 4.4). */
    AT_LEAST_HALF("ge"),
    /** p > 0.5, that is a logit over 0 (sense.md 4.4). */
    ABOVE_HALF("gt");

    private final String comparison;

    MaskRule(String comparison) {
        this.comparison = comparison;
    }

    /** That of the loss's paper. */
    static MaskRule of(MaskLoss loss) {
        return loss == MaskLoss.DICE ? AT_LEAST_HALF : ABOVE_HALF;
    }

    /**
     * Writes {@code on(p, z)}, which pixels of logits [B, 1, H, W] are on, and {@code counts(p, z, y)}: with masks y, as large, to [B, 3], of each image the
     * pixels that are on, those that are inside of the mask, and those that are both.
     */
    void write(ScriptBuilder program) {
        program.function("on", "z: Tensor", "Tensor", "return torch.%s(z, 0)\n".formatted(comparison));
        program.function("counts", "z: Tensor, y: Tensor", "Tensor", """
                on = self.on(p, z)
                inside = torch.gt(y, 0)
                both = torch.logical_and(on, inside)
                sums = [torch.sum(on, [1, 2, 3]), torch.sum(inside, [1, 2, 3]), torch.sum(both, [1, 2, 3])]
                return torch.stack(sums, 1)
                """);
    }
}
