package perdura.training.methods.prior.model;

import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.nn.ScriptBuilder;

/**
 * The report side of the conditional reconstruction (prior.md 2.8). {@code matching_cost} takes predictions Y and targets P
 * [B, Q, dim] to C [B, Q, Q], C[i][j] = L1 distance of Y_i and P_j, without gradient. {@code aligned} takes Y and the inverse
 * assignment [B, Q] (int64, target j to query) to Y~ [B, Q, dim]. {@code generation_loss} is L_spg of Y~ and P;
 * {@code kl_loss} takes x, Y~ and valid [B, Q] (bool) to L_kl, over real sentences.
 */
record CrossModality(CcrSpec spec) {
    /** Needs the functions of {@link PrototypeBank}. */
    void write(ScriptBuilder program) {
        program.function(
                "matching_cost",
                "y: Tensor, targets: Tensor",
                "Tensor",
                "return torch.cdist(torch.detach(y), torch.detach(targets), 1., None)\n");
        program.function("aligned", "y: Tensor, inverse: Tensor", "Tensor", """
                rows = torch.expand_as(torch.unsqueeze(inverse, 2), y)
                return torch.gather(y, 1, rows)
                """);
        program.function(
                "generation_loss",
                "aligned: Tensor, targets: Tensor",
                "Tensor",
                "return torch.mean(torch.abs(torch.sub(aligned, %s)))\n".formatted(target("targets")));
        program.function("kl_loss", "x: Tensor, aligned: Tensor, valid: Tensor", "Tensor", """
                target = torch.log_softmax(self.spb_logits(p, %s), -1)
                given = torch.log_softmax(self.spb_logits(p, aligned), -1)
                kl = torch.sum(torch.mul(torch.exp(target), torch.sub(target, given)), [-1])
                kl = torch.where(valid, kl, torch.zeros_like(kl))
                return torch.div(torch.sum(kl), torch.sum(valid))
                """.formatted(target("x")));
    }

    private String target(String x) {
        return spec.detachTargets() ? "torch.detach(" + x + ")" : x;
    }
}
