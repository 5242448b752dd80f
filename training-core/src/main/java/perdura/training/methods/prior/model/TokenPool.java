package perdura.training.methods.prior.model;

import perdura.training.methods.prior.spec.ModelSpec.Gather;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptOps;
import perdura.training.nn.StateDictLayout;

/**
 * Pools the tokens of each sentence (prior.md 2.3): score of token a = sum over the sentence's tokens b of q_a . k_b,
 * unscaled; softmax; weighted sum; or the plain mean. Its function takes tokens [B, L, dim], the
 * sentence map int64 [B, L] (-1 or from 1) and the number of rows M to [B, M, dim]; rows of absent sentences are 0.
 *
 * @param name prefix of its parameters
 * @param hidden width of queries and keys
 */
record TokenPool(String name, int dim, int hidden, Gather gather) {
    void declare(StateDictLayout layout) {
        if (gather == Gather.ATTENTION) {
            layout.linear(name + ".q_proj", dim, hidden);
            layout.linear(name + ".k_proj", dim, hidden);
        }
    }

    /** Writes the function of that name. */
    void write(ScriptBuilder program, String function) {
        ScriptOps.writeMaskedSoftmax(program);
        program.function(function, "tokens: Tensor, map: Tensor, rows: int", "Tensor", """
                ids = torch.arange(1, torch.add(rows, 1), dtype=None, layout=None, device=map.device)
                member = torch.eq(torch.unsqueeze(map, 1), torch.unsqueeze(ids, 1))
                counted = torch.to(member, tokens.dtype)
                %sreturn torch.matmul(weights, tokens)
                """.formatted(
                        gather == Gather.MEAN ? MEAN : attention(program)));
    }

    private static final String MEAN =
            "weights = torch.div(counted, torch.clamp_min(torch.sum(counted, [2], True), 1))\n";

    private String attention(ScriptBuilder program) {
        return """
                keys = torch.matmul(counted, %s)
                scores = torch.matmul(keys, torch.transpose(%s, 1, 2))
                weights = self.masked_softmax(p, scores, member)
                """.formatted(program.linear(name + ".k_proj", "tokens"), program.linear(name + ".q_proj", "tokens"));
    }
}
