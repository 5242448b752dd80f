package perdura.training.methods.prior.model;

import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;

/**
 * The sentence prototype bank (prior.md 2.7). Its functions, with x [B, M, dim], valid [B, M] (bool), noise [B, M, K] and a
 * 0-d temperature:
 *
 * <ul>
 *   <li>{@code gumbel}: U in [0, 1] to -log(-log U), U clamped to [1e-10, 1 - 1e-7];
 *   <li>{@code spb_logits}: [..., dim] to [..., K], the plain dot products;
 *   <li>{@code spb_weights}: x, noise, temperature to softmax((logits + noise) / temperature) [B, M, K];
 *   <li>{@code spb_quiet}: x to the weights of evaluation, without noise [B, M, K];
 *   <li>{@code spb_mix}: weights, valid to the output [B, M, dim]; rows of pads are 0;
 *   <li>{@code prototype_loss}: output, x, valid to L_proto [].
 * </ul>
 *
 * @param name prefix of its parameter
 * @param prototypes rows K of the bank
 */
record PrototypeBank(String name, int prototypes, int dim, SpbSpec spec) {
    void declare(StateDictLayout layout) {
        Init init =
                new Init(spec.init() == SpbSpec.Init.GAUSSIAN ? Init.Kind.NORMAL : Init.Kind.NORMAL_UNIT_L1_ROWS, 1);
        layout.parameter(name + ".prototypes", init, prototypes, dim);
    }

    void write(ScriptBuilder program) {
        String bank = program.parameter(name + ".prototypes");
        writeGumbel(program);
        program.function("spb_logits", "x: Tensor", "Tensor", "return torch.matmul(x, torch.t(%s))\n".formatted(bank));
        program.function("spb_weights", "x: Tensor, noise: Tensor, tau: Tensor", "Tensor", """
                logits = torch.add(self.spb_logits(p, x), noise)
                return torch.softmax(torch.div(logits, float(tau)), -1)
                """);
        program.function(
                "spb_quiet",
                "x: Tensor",
                "Tensor",
                "return torch.softmax(torch.div(self.spb_logits(p, x), %s), -1)\n".formatted(spec.evaluationTau()));
        program.function("spb_mix", "weights: Tensor, valid: Tensor", "Tensor", """
                %smixed = torch.matmul(weights, %s)
                return torch.where(torch.unsqueeze(valid, 2), mixed, torch.zeros_like(mixed))
                """.formatted(
                        spec.query() == SpbSpec.Query.HARD ? STRAIGHT_THROUGH : "", bank));
        program.function(
                "prototype_loss",
                "mixed: Tensor, x: Tensor, valid: Tensor",
                "Tensor",
                """
                error = torch.abs(torch.sub(mixed, x))
                error = torch.where(torch.unsqueeze(valid, 2), error, torch.zeros_like(error))
                """ + (spec.lossMean() == SpbSpec.LossMean.SENTENCES ? OVER_SENTENCES : OVER_REPORTS).formatted(dim));
    }

    /** Writes the function {@code gumbel}. */
    static void writeGumbel(ScriptBuilder program) {
        program.function(
                "gumbel",
                "uniform: Tensor",
                "Tensor",
                "return torch.neg(torch.log(torch.neg(torch.log(torch.clamp(uniform, 1e-10, 0.9999999)))))\n");
    }

    /** One 1 in each row in the forward pass, the weights in the backward pass. */
    private static final String STRAIGHT_THROUGH = """
            first = torch.argmax(weights, -1, True)
            hard = torch.scatter(torch.zeros_like(weights), -1, first, 1.)
            weights = torch.add(weights, torch.detach(torch.sub(hard, weights)))
            """;

    private static final String OVER_SENTENCES = """
            return torch.div(torch.sum(error), torch.mul(torch.sum(valid), %s))
            """;

    private static final String OVER_REPORTS = """
            return torch.mean(torch.div(torch.sum(error, [1, 2]), torch.mul(torch.sum(valid, [1]), %s)))
            """;
}
