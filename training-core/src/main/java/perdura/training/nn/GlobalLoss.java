package perdura.training.nn;

/**
 * Global alignment (prior.md 2.5): 1/2 [CE(a v t', diagonal) + CE(a t v', diagonal)], a = exp of the log scale, v and t
 * normalised here. Its function {@code global_loss} takes image and text [B, dim] to a scalar.
 *
 * @param scale name of the log scale
 */
public record GlobalLoss(String scale) {
    public void write(ScriptBuilder program) {
        ScriptOps.writeUnit(program);
        program.function(
                "global_loss", "image: Tensor, text: Tensor", "Tensor", """
                z = torch.matmul(torch.mul(torch.exp(%s), self.unit(p, image)), torch.t(self.unit(p, text)))
                rows = torch.mean(torch.diagonal(torch.log_softmax(z, 1)))
                columns = torch.mean(torch.diagonal(torch.log_softmax(z, 0)))
                return torch.mul(torch.add(rows, columns), -0.5)
                """.formatted(program.parameter(scale)));
    }
}
