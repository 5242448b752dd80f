package perdura.training.methods.prior.model;

import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.nn.ScriptBuilder;

/**
 * LAM's weights between many images and many texts at once (prior.md 2.6, 4.3). A sentence's projections are made once, not
 * for every image. T sentences of C texts lie one after the other, without pads. Its functions:
 *
 * <ul>
 *   <li>{@code of_patches}: V [N, P, dim] to [V Wk1, V Wq1], each [N, P, dim];
 *   <li>{@code of_sentences}: S [T, dim] to [S Wq2, S Wk2], each [T, dim], divided by sqrt(dim);
 *   <li>{@code local_maps}: those of N images and of the M sentences of one text to A_s [N, M, P] and A_v [N, P, M];
 *   <li>{@code local_scores}: those of N images and of T sentences, {@code place} int64 [C * M], the number of each text's
 *       sentences, T at pads, and {@code counts} int64 [C], to half of (mean of A_s) + (mean of A_v) [N, C].
 * </ul>
 *
 * @param lam whose parameters they use
 */
record LocalScores(LocalAlignment lam) {
    void write(ScriptBuilder program) {
        writeProjections(program);
        boolean isSigmoid = lam.activation() == LamActivation.SIGMOID;
        program.function("local_logits", "patches: Tensor, sentences: Tensor", "Tensor", """
                flat = torch.matmul(torch.flatten(patches, 0, 1), torch.t(sentences))
                return torch.unflatten(flat, 0, [torch.size(patches, 0), torch.size(patches, 1)])
                """); // [N, P, T]
        program.function("local_maps", "k1: Tensor, q1: Tensor, q2: Tensor, k2: Tensor", "List[Tensor]", """
                s = torch.transpose(self.local_logits(p, k1, q2), 1, 2)
                v = self.local_logits(p, q1, k2)
                return [%s, %s]
                """.formatted(
                        isSigmoid ? "torch.sigmoid(s)" : "torch.softmax(s, 2)",
                        isSigmoid ? "torch.sigmoid(v)" : "torch.softmax(v, 2)"));
        program.function(
                "local_scores",
                "k1: Tensor, q1: Tensor, q2: Tensor, k2: Tensor, place: Tensor, counts: Tensor",
                "Tensor",
                isSigmoid ? SIGMOID_MEANS : SOFTMAX_MEANS);
    }

    private void writeProjections(ScriptBuilder program) {
        program.function(
                "of_patches",
                "v: Tensor",
                "List[Tensor]",
                "return [%s, %s]\n"
                        .formatted(
                                program.linear(lam.name() + ".image.k_proj", "v"),
                                program.linear(lam.name() + ".image.q_proj", "v")));
        program.function(
                "of_sentences",
                "s: Tensor",
                "List[Tensor]",
                "return [torch.div(%s, %s), torch.div(%s, %s)]\n"
                        .formatted(
                                program.linear(lam.name() + ".text.q_proj", "s"),
                                Math.sqrt(lam.dim()),
                                program.linear(lam.name() + ".text.k_proj", "s"),
                                Math.sqrt(lam.dim())));
    }

    /** Sums over a text's sentences go by a gather, as additions in no fixed order would have other bits each time. */
    private static final String SIGMOID_MEANS = """
            a_s = torch.sigmoid_(self.local_logits(p, k1, q2))
            a_v = torch.sigmoid_(self.local_logits(p, q1, k2))
            each = torch.mean(torch.add_(a_s, a_v), [1])
            padded = torch.cat([each, torch.zeros_like(torch.narrow(each, 1, 0, 1))], 1)
            own = torch.unflatten(torch.index_select(padded, 1, place), 1, [torch.size(counts, 0), -1])
            return torch.div(torch.sum(own, [2]), torch.mul(torch.to(counts, each.dtype), 2))
            """;

    /** Weights that sum up to 1 have the same mean whatever they are: 1/P over patches, 1/M over sentences. */
    private static final String SOFTMAX_MEANS = """
            text = torch.reciprocal(torch.mul(torch.to(counts, k1.dtype), 2))
            both = torch.add(text, torch.div(torch.ones_like(text), torch.mul(torch.size(k1, 1), 2)))
            return torch.expand(torch.unsqueeze(both, 0), [torch.size(k1, 0), torch.size(counts, 0)])
            """;
}
