package perdura.training.methods.prior.model;

import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptOps;

/**
 * Both local losses (prior.md 2.6). {@code image_to_report} takes sentences and evidence [B, M, dim] and valid [B, M]
 * (bool) to a scalar: InfoNCE both ways within each report, mean over its sentences, then over reports.
 * {@code report_to_image} takes patches and evidence [B, P, dim] to a scalar: SimSiam through the function
 * {@code predictor}, no gradient to the side that is not predicted.
 *
 * @param scale name of the log scale of the first
 */
record LocalLosses(String scale) {
    void writeImageToReport(ScriptBuilder program) {
        ScriptOps.writeUnit(program);
        program.function("own_sentence", "logits: Tensor, valid: Tensor", "Tensor", """
                pad = torch.logical_not(torch.unsqueeze(valid, 1))
                logs = torch.log_softmax(torch.masked_fill(logits, pad, float('-inf')), 2)
                own = torch.neg(torch.diagonal(logs, 0, 1, 2))
                real = torch.where(valid, own, torch.zeros_like(own))
                return torch.div(torch.sum(real, [1]), torch.sum(valid, [1]))
                """);
        program.function(
                "image_to_report", "sentences: Tensor, evidence: Tensor, valid: Tensor", "Tensor", """
                scaled = torch.mul(torch.exp(%s), self.unit(p, sentences))
                z = torch.matmul(scaled, torch.transpose(self.unit(p, evidence), 1, 2))
                rows = self.own_sentence(p, z, valid)
                columns = self.own_sentence(p, torch.transpose(z, 1, 2), valid)
                return torch.mean(torch.mul(torch.add(rows, columns), 0.5))
                """.formatted(
                                program.parameter(scale)));
    }

    /** Needs the function {@code predictor}. */
    void writeReportToImage(ScriptBuilder program) {
        ScriptOps.writeUnit(program);
        program.function(
                "cosine",
                "a: Tensor, b: Tensor",
                "Tensor",
                "return torch.sum(torch.mul(self.unit(p, a), self.unit(p, b)), [-1])\n");
        program.function("report_to_image", "patches: Tensor, evidence: Tensor", "Tensor", """
                image = self.cosine(p, self.predictor(p, patches), torch.detach(evidence))
                report = self.cosine(p, self.predictor(p, evidence), torch.detach(patches))
                return torch.mul(torch.mean(torch.add(image, report)), -0.5)
                """);
    }
}
