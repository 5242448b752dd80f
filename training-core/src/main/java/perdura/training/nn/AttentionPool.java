package perdura.training.nn;

/**
 * An attention pool (prior.md 2.2, 2.3): the mean of the valid tokens attends over itself and them. Logits are scaled by
 * 1/sqrt(dim/heads). Its function takes tokens [B, n, dim] and valid [B, n] (bool) to [B, dim].
 *
 * @param name prefix of its parameters
 * @param tokens rows of the position table besides the mean's; 0 for none
 */
public record AttentionPool(String name, int dim, int heads, int tokens) {
    public void declare(StateDictLayout layout) {
        if (tokens > 0) {
            layout.parameter(name + ".positional_embedding", Init.normal(1 / Math.sqrt(dim)), tokens + 1L, dim);
        }
        for (String linear : new String[] {"q_proj", "k_proj", "v_proj", "out_proj"}) {
            layout.linear(name + "." + linear, dim, dim);
        }
    }

    /** Writes the function of that name. */
    public void write(ScriptBuilder program, String function) {
        ScriptOps.writeMaskedSoftmax(program);
        String positions =
                tokens > 0 ? "x = torch.add(x, " + program.parameter(name + ".positional_embedding") + ")\n" : "";
        program.function(function, "tokens: Tensor, valid: Tensor", "Tensor", """
                share = torch.div(torch.to(valid, tokens.dtype), torch.sum(valid, [1], True))
                mean = torch.matmul(torch.unsqueeze(share, 1), tokens)
                x = torch.cat([mean, tokens], 1)
                %sq = %s
                k = %s
                v = %s
                logits = torch.div(torch.matmul(q, torch.transpose(k, 2, 3)), %s)
                mask = torch.cat([torch.ones_like(torch.narrow(valid, 1, 0, 1)), valid], 1)
                mask = torch.expand_as(torch.unsqueeze(torch.unsqueeze(mask, 1), 1), logits)
                pooled = torch.matmul(self.masked_softmax(p, logits, mask), v)
                pooled = torch.flatten(torch.transpose(pooled, 1, 2), 1)
                return %s
                """.formatted(
                        positions,
                        head(program, "q_proj", "torch.narrow(x, 1, 0, 1)"),
                        head(program, "k_proj", "x"),
                        head(program, "v_proj", "x"),
                        Math.sqrt((double) dim / heads),
                        program.linear(name + ".out_proj", "pooled")));
    }

    private String head(ScriptBuilder program, String linear, String x) {
        return ScriptOps.splitHeads(program.linear(name + "." + linear, x), dim, heads);
    }
}
