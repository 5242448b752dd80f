package perdura.training.nn;

/** Formulas that several modules write. */
public final class ScriptOps {
    private ScriptOps() {}

    /** The expression of [B, n, dim] as [B, heads, n, dim/heads]. */
    public static String splitHeads(String x, int dim, int heads) {
        return "torch.transpose(torch.unflatten(%s, 2, [%d, %d]), 1, 2)".formatted(x, heads, dim / heads);
    }

    /**
     * The expression of the attention of q, k and v [B, heads, n, width] with dropout of its weights;
     * torch.nn.functional.scaled_dot_product_attention. On a processor that function has no kernel with dropout: it makes the steps
     * written here, to the bit, but keeps what was dropped as floats and looks for rows without anything to look at.
     *
     * @param mask expression of a mask [B, 1, 1, m], true where it may look, at least once in a row; or {@code None}
     */
    public static String attend(ScriptBuilder program, String mask, int width, double dropout) {
        String sdpa = "torch.scaled_dot_product_attention(q, k, v, %s, %s)";
        if (!program.isDropping(dropout)) {
            return sdpa.formatted(mask, 0.0);
        }
        boolean isMasked = !mask.equals("None");
        double scale = Math.sqrt(1 / Math.sqrt(width)); // of q and of k
        String add = """
                  bias = torch.masked_fill(torch.zeros_like(mask, dtype=q.dtype), torch.logical_not(mask), float('-inf'))
                  logits = torch.add_(logits, bias)
                """;
        String function = isMasked ? "attend_masked" : "attend";
        program.function(
                function,
                "q: Tensor, k: Tensor, v: Tensor" + (isMasked ? ", mask: Tensor" : ""),
                "Tensor",
                """
                if q.is_cuda:
                  y = %s
                else:
                  logits = torch.matmul(torch.mul(q, %s), torch.mul(torch.transpose(k, -2, -1), %s))
                %s  y = torch.matmul(%s, v)
                return y
                """.formatted(
                                sdpa.formatted(isMasked ? "mask" : "None", dropout),
                                scale,
                                scale,
                                isMasked ? add : "",
                                program.dropout("torch.softmax(logits, -1)", dropout)));
        return "self." + function + "(p, q, k, v" + (isMasked ? ", " + mask : "") + ")";
    }

    /**
     * Writes {@code masked_softmax(p, logits, mask)}: softmax over the last axis among the entries where the mask is
     * true; all other entries are 0, in fully masked rows too.
     */
    public static void writeMaskedSoftmax(ScriptBuilder program) {
        program.function("masked_softmax", "logits: Tensor, mask: Tensor", "Tensor", """
                some = torch.any(mask, -1, True)
                zeros = torch.zeros_like(logits)
                finite = torch.where(some, torch.masked_fill(logits, torch.logical_not(mask), float('-inf')), zeros)
                return torch.where(mask, torch.softmax(finite, -1), zeros)
                """);
    }

    /** Writes {@code unit(p, x)}: x / max(|x|, 1e-12) over the last axis; torch.nn.functional.normalize. */
    public static void writeUnit(ScriptBuilder program) {
        program.function(
                "unit",
                "x: Tensor",
                "Tensor",
                "return torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2, [-1], True), 1e-12))\n");
    }
}
