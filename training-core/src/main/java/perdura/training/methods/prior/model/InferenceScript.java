package perdura.training.methods.prior.model;

import perdura.grids.spec.StageSpec;
import perdura.grids.spec.StageSpec.Module;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.ScriptOps;

/**
 * What {@link PriorInference} runs: evaluation mode, without noise. Its functions, beside those of {@link LocalScores}:
 *
 * <ul>
 *   <li>{@code images}: [N, 1, S, S] to v_g [N, dim], V [N, P, dim] and both projections of V;
 *   <li>{@code texts}: ids, attention mask and sentence map [C, L] to x [T, dim], S [T, dim], both projections of S, t_g [C, dim]
 *       and the number of sentences of each text [C];
 *   <li>{@code scores}: v_g and both projections of V of all images, which of them are meant, int64 [n], and what there is of
 *       all texts, to the cosines and the local scores, each [n, C];
 *   <li>{@code maps_of}: {@code local_maps} of the text whose sentences are meant, int64 [M];
 *   <li>{@code prototypes}: x [T, dim] and a temperature to softmax(x E^T / temperature) [T, K];
 *   <li>{@code joined}: tensors to one, along the first axis.
 * </ul>
 */
record InferenceScript(Prior prior, StageSpec stage) {
    ScriptBuilder program() {
        ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
        new LocalScores(prior.lam()).write(program);
        writeImages(program);
        writeTexts(program);
        ScriptOps.writeUnit(program);
        program.function(
                "scores",
                "v_g: Tensor, k1: Tensor, q1: Tensor, rows: Tensor, t_g: Tensor, q2: Tensor, k2: Tensor, place: Tensor,"
                        + " counts: Tensor",
                "List[Tensor]",
                """
                chosen = torch.index_select(v_g, 0, rows)
                cosines = torch.matmul(self.unit(p, chosen), torch.t(self.unit(p, t_g)))
                k = torch.index_select(k1, 0, rows)
                q = torch.index_select(q1, 0, rows)
                return [cosines, self.local_scores(p, k, q, q2, k2, place, counts)]
                """);
        program.function(
                "maps_of",
                "k1: Tensor, q1: Tensor, q2: Tensor, k2: Tensor, rows: Tensor",
                "List[Tensor]",
                "return self.local_maps(p, k1, q1, torch.index_select(q2, 0, rows), torch.index_select(k2, 0, rows))\n");
        program.function(
                "prototypes",
                "x: Tensor, tau: Tensor",
                "Tensor",
                "return torch.softmax(torch.div(self.spb_logits(p, x), float(tau)), -1)\n");
        program.function("joined", "parts: List[Tensor]", "Tensor", "return torch.cat(parts, 0)\n");
        return program;
    }

    private void writeImages(ScriptBuilder program) {
        prior.backbone().write(program);
        prior.imagePool().write(program, "image_pool");
        StageModules.writePatches(program);
        program.function("images", "images: Tensor", "List[Tensor]", """
                local = self.patches(p, self.backbone(p, images))
                every = torch.ones_like(torch.select(local, 2, 0), dtype=11)
                v = %s
                k1, q1, = self.of_patches(p, v)
                return [%s, v, k1, q1]
                """.formatted(
                        program.linear("projection.image_local", "local"),
                        program.linear("projection.image_global", "self.image_pool(p, local, every)")));
    }

    private void writeTexts(ScriptBuilder program) {
        prior.bert().write(program);
        prior.tokenPool().write(program, "token_pool");
        prior.bank().write(program);
        StageModules.writeReal(program);
        StageModules.writePooling(prior, program);
        program.function("texts", "ids: Tensor, attention_mask: Tensor, map: Tensor", "List[Tensor]", """
                rows = int(torch.clamp_min(torch.max(map), 1))
                valid = self.real(p, map, rows)
                x = self.token_pool(p, %s, map, rows)
                s = %s
                real_x = torch.index(x, annotate(List[Optional[Tensor]], [valid]))
                real_s = torch.index(s, annotate(List[Optional[Tensor]], [valid]))
                q2, k2, = self.of_sentences(p, real_s)
                return [real_x, real_s, q2, k2, self.report(p, s, valid), torch.sum(valid, [1])]
                """.formatted(
                        program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"),
                        stage.has(Module.SPB) ? "self.spb_mix(p, self.spb_quiet(p, x), valid)" : "x"));
    }
}
