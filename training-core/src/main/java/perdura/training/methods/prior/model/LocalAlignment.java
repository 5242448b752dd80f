package perdura.training.methods.prior.model;

import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptOps;
import perdura.training.nn.StateDictLayout;

/**
 * LAM (prior.md 2.6). Its function {@code lam} takes patches [B, P, dim], sentences [B, M, dim] and valid [B, M] (bool)
 * to A_s [B, M, P], A_v [B, P, M], V^ [B, M, dim] and S^ [B, P, dim]; rows of A_s and columns of A_v at pads are 0.
 * Index 1 of the specification is {@code image}, index 2 is {@code text}. Not PRIOR's: {@code cross_image} takes patches,
 * sentences and valid to a scalar, the InfoNCE of each sentence with its evidence from every image of the batch
 * (prior.md 3).
 *
 * @param name prefix of its parameters
 */
record LocalAlignment(String name, int dim, LamActivation activation) {
    void declare(StateDictLayout layout) {
        for (String side : new String[] {".image", ".text"}) {
            for (String linear : new String[] {".q_proj", ".k_proj", ".v_proj"}) {
                layout.linear(name + side + linear, dim, dim);
            }
        }
    }

    /** Writes {@code lam_sentences}: the half of {@code lam} that gives A_s and V^. */
    void writeSentences(ScriptBuilder program) {
        program.function("lam_sentences", "v: Tensor, s: Tensor, valid: Tensor", "List[Tensor]", """
                logits = torch.div(torch.matmul(%s, torch.transpose(%s, 1, 2)), %s)
                rows = torch.expand_as(torch.unsqueeze(valid, 2), logits)
                a_s = torch.where(rows, %s, torch.zeros_like(logits))
                return [a_s, torch.matmul(a_s, %s)]
                """.formatted(
                        program.linear(name + ".text.q_proj", "s"),
                        program.linear(name + ".image.k_proj", "v"),
                        Math.sqrt(dim),
                        activation == LamActivation.SIGMOID ? "torch.sigmoid(logits)" : "torch.softmax(logits, 2)",
                        program.linear(name + ".image.v_proj", "v")));
    }

    /** Writes {@code lam_patches}: the half of {@code lam} that gives A_v and S^. */
    void writePatches(ScriptBuilder program) {
        ScriptOps.writeMaskedSoftmax(program);
        // Pads are zeroed after the activation: the sigmoid of 0 is 0.5.
        program.function("lam_patches", "v: Tensor, s: Tensor, valid: Tensor", "List[Tensor]", """
                logits = torch.div(torch.matmul(%s, torch.transpose(%s, 1, 2)), %s)
                columns = torch.expand_as(torch.unsqueeze(valid, 1), logits)
                a_v = %s
                return [a_v, torch.matmul(a_v, %s)]
                """.formatted(
                        program.linear(name + ".image.q_proj", "v"),
                        program.linear(name + ".text.k_proj", "s"),
                        Math.sqrt(dim),
                        activation == LamActivation.SIGMOID
                                ? "torch.where(columns, torch.sigmoid(logits), torch.zeros_like(logits))"
                                : "self.masked_softmax(p, logits, columns)",
                        program.linear(name + ".text.v_proj", "s")));
    }

    /**
     * Writes {@code cross_image}.
     *
     * @param scale name of the log scale
     */
    void writeCrossImage(ScriptBuilder program, String scale) {
        ScriptOps.writeUnit(program);
        program.function(
                "cross_image",
                "v: Tensor, s: Tensor, valid: Tensor",
                "Tensor",
                """
                report = torch.unsqueeze(torch.select(torch.nonzero(valid), 1, 0), 0)
                x = torch.index(s, annotate(List[Optional[Tensor]], [valid]))
                logits = torch.div(torch.matmul(%s, torch.transpose(%s, 1, 2)), %s)
                evidence = torch.matmul(%s, %s)
                cosine = torch.sum(torch.mul(self.unit(p, evidence), self.unit(p, x)), [-1])
                logs = torch.log_softmax(torch.mul(cosine, torch.exp(%s)), 0)
                return torch.neg(torch.mean(torch.gather(logs, 0, report)))
                """.formatted( // x [N, dim], the N real sentences; logits [B, N, P]; cosine [B, N]
                        program.linear(name + ".text.q_proj", "x"),
                        program.linear(name + ".image.k_proj", "v"),
                        Math.sqrt(dim),
                        activation == LamActivation.SIGMOID ? "torch.sigmoid(logits)" : "torch.softmax(logits, 2)",
                        program.linear(name + ".image.v_proj", "v"),
                        program.parameter(scale)));
    }

    /**
     * Writes {@code cross_patch}, not PRIOR's either: patches, sentences and valid to a scalar, the InfoNCE of each sentence over all
     * patches of the batch by the logits of A_v, where every patch of the sentence's own image is right. So A_v has to be greater where
     * the image shows what the sentence tells.
     */
    void writeCrossPatch(ScriptBuilder program) {
        program.function(
                "cross_patch",
                "v: Tensor, s: Tensor, valid: Tensor",
                "Tensor",
                """
                report = torch.unsqueeze(torch.select(torch.nonzero(valid), 1, 0), 0)
                x = torch.index(s, annotate(List[Optional[Tensor]], [valid]))
                logits = torch.div(torch.matmul(%s, torch.transpose(%s, 0, 1)), %s)
                logs = torch.log_softmax(torch.logsumexp(logits, [1]), 0)
                return torch.neg(torch.mean(torch.gather(logs, 0, report)))
                """.formatted( // x [N, dim], the N real sentences; logits [B, P, N]
                                program.linear(name + ".image.q_proj", "v"),
                                program.linear(name + ".text.k_proj", "x"),
                                Math.sqrt(dim)));
    }
}
