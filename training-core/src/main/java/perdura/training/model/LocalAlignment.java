package perdura.training.model;

import perdura.grids.spec.ModelSpec.LamActivation;

/**
 * LAM (prior.md 2.6). Its function {@code lam} takes patches [B, P, dim], sentences [B, M, dim] and valid [B, M] (bool)
 * to A_s [B, M, P], A_v [B, P, M], V^ [B, M, dim] and S^ [B, P, dim]; rows of A_s and columns of A_v at pads are 0.
 * Index 1 of the specification is {@code image}, index 2 is {@code text}.
 *
 * @param name prefix of its parameters
 */
record LocalAlignment(String name, int dim, LamActivation activation) {
    void declare(Layout layout) {
        for (String side : new String[] {".image", ".text"}) {
            for (String linear : new String[] {".q_proj", ".k_proj", ".v_proj"}) {
                layout.linear(name + side + linear, dim, dim);
            }
        }
    }

    void write(Program program) {
        Formula.writeMaskedSoftmax(program);
        // Pads are zeroed after the activation: the sigmoid of 0 is 0.5.
        String sentences = activation == LamActivation.SIGMOID
                ? "torch.where(rows, torch.sigmoid(logits_s), torch.zeros_like(logits_s))"
                : "torch.where(rows, torch.softmax(logits_s, 2), torch.zeros_like(logits_s))";
        String patches = activation == LamActivation.SIGMOID
                ? "torch.where(columns, torch.sigmoid(logits_v), torch.zeros_like(logits_v))"
                : "self.masked_softmax(p, logits_v, columns)";
        program.function("lam", "v: Tensor, s: Tensor, valid: Tensor", "List[Tensor]", """
                logits_s = torch.div(torch.matmul(%s, torch.transpose(%s, 1, 2)), %s)
                logits_v = torch.div(torch.matmul(%s, torch.transpose(%s, 1, 2)), %s)
                rows = torch.expand_as(torch.unsqueeze(valid, 2), logits_s)
                columns = torch.expand_as(torch.unsqueeze(valid, 1), logits_v)
                a_s = %s
                a_v = %s
                return [a_s, a_v, torch.matmul(a_s, %s), torch.matmul(a_v, %s)]
                """.formatted(
                        program.linear(name + ".text.q_proj", "s"),
                        program.linear(name + ".image.k_proj", "v"),
                        Math.sqrt(dim),
                        program.linear(name + ".image.q_proj", "v"),
                        program.linear(name + ".text.k_proj", "s"),
                        Math.sqrt(dim),
                        sentences,
                        patches,
                        program.linear(name + ".image.v_proj", "v"),
                        program.linear(name + ".text.v_proj", "s")));
    }
}
