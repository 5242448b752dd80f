package perdura.training.methods.prior.model;

import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;

/**
 * What {@link PriorReconstruction} runs: evaluation mode, the bank without noise, but patches hidden as in training. Its functions:
 *
 * <ul>
 *   <li>{@code reconstruct}: images [N, 1, S, S], ids, attention mask and sentence map [N, L] and what is kept of the patches to
 *       images [N, 1, S, S], x and Y [N, Q, dim] and the cost of matching them [N, Q, Q];
 *   <li>{@code shares}: x, Y, the map and the query of each target [N, Q] to the distributions over the bank of each report's
 *       sentences and of the predictions that match them, each [N, K].
 * </ul>
 */
record ReconstructionScript(Prior prior) {
    ScriptBuilder program() {
        ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
        prior.backbone().write(program);
        StageModules.writePatches(program);
        prior.bert().write(program);
        prior.tokenPool().write(program, "token_pool");
        StageModules.writeReal(program, prior.spec());
        prior.bank().write(program);
        prior.lam().writePatches(program);
        prior.imageDecoder().write(program);
        prior.sentenceDecoder().write(program);
        new CrossModality(prior.spec().ccr()).write(program);
        int queries = prior.spec().queries();
        program.function(
                "reconstruct",
                "images: Tensor, ids: Tensor, attention_mask: Tensor, map: Tensor, keep: Tensor",
                "List[Tensor]",
                """
                v = %s
                tokens = %s
                valid = self.real(p, map, %d)
                x = self.token_pool(p, tokens, map, %d)
                s = self.spb_mix(p, self.spb_quiet(p, x), valid)
                a_v, s_hat, = self.lam_patches(p, v, s, valid)
                y = self.sentence_decoder(p, v)
                return [self.image_decoder(p, self.hide(p, v, keep), s_hat), x, y, self.matching_cost(p, y, s)]
                """.formatted(
                                program.linear("projection.image_local", "self.patches(p, self.backbone(p, images))"),
                                program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"),
                                queries,
                                queries));
        program.function("share", "x: Tensor, valid: Tensor", "Tensor", """
                weights = torch.softmax(self.spb_logits(p, x), -1)
                weights = torch.where(torch.unsqueeze(valid, 2), weights, torch.zeros_like(weights))
                return torch.div(torch.sum(weights, [1]), torch.sum(valid, [1], True))
                """);
        program.function(
                "shares", "x: Tensor, y: Tensor, map: Tensor, inverse: Tensor", "List[Tensor]", """
                valid = self.real(p, map, %d)
                return [self.share(p, x, valid), self.share(p, self.aligned(p, y, inverse), valid)]
                """.formatted(queries));
        return program;
    }
}
