package perdura.training.model;

/** Formulas that several modules write. */
final class Formula {
    private Formula() {}

    /** The expression of [B, n, dim] as [B, heads, n, dim/heads]. */
    static String splitHeads(String x, int dim, int heads) {
        return "torch.transpose(torch.unflatten(%s, 2, [%d, %d]), 1, 2)".formatted(x, heads, dim / heads);
    }

    /**
     * Writes {@code masked_softmax(p, logits, mask)}: softmax over the last axis among the entries where the mask is
     * true; all other entries are 0, in fully masked rows too.
     */
    static void writeMaskedSoftmax(Program program) {
        program.function("masked_softmax", "logits: Tensor, mask: Tensor", "Tensor", """
                some = torch.any(mask, -1, True)
                zeros = torch.zeros_like(logits)
                finite = torch.where(some, torch.masked_fill(logits, torch.logical_not(mask), float('-inf')), zeros)
                return torch.where(mask, torch.softmax(finite, -1), zeros)
                """);
    }

    /** Writes {@code unit(p, x)}: x / max(|x|, 1e-12) over the last axis; torch.nn.functional.normalize. */
    static void writeUnit(Program program) {
        program.function(
                "unit",
                "x: Tensor",
                "Tensor",
                "return torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2, [-1], True), 1e-12))\n");
    }
}
