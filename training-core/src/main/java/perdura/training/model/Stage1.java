package perdura.training.model;

import perdura.grids.spec.ModelSpec;

/** Joins the modules to stage 1 (prior.md 2.9): L_glob + L_i2r + L_r2i over raw sentence vectors. */
record Stage1(ModelSpec spec) {
    private static final String INPUTS = "images: Tensor, ids: Tensor, attention_mask: Tensor, map: Tensor";

    void write(Program program) {
        writePatches(program);
        String report = "self.sentence_pool(p, x, valid)";
        program.function("stage1_tensors", INPUTS, "List[Tensor]", """
                local = self.patches(p, self.backbone(p, images))
                every = torch.ones_like(torch.select(local, 2, 0), dtype=11)
                v_g = %s
                v = %s
                tokens = %s
                count = torch.clamp_min(torch.amax(map, [1]), 0)
                rows = int(torch.max(count))
                valid = torch.lt(torch.unsqueeze(torch.arange(rows, device=map.device), 0), torch.unsqueeze(count, 1))
                x = self.token_pool(p, tokens, map, rows)
                t_g = %s
                a_s, a_v, v_hat, s_hat, = self.lam(p, v, x, valid)
                loss_global = self.global_loss(p, v_g, t_g)
                loss_i2r = self.image_to_report(p, x, v_hat, valid)
                loss_r2i = self.report_to_image(p, v, s_hat)
                total = torch.add(torch.add(loss_global, loss_r2i), loss_i2r)
                return [v_g, v, x, x, t_g, a_s, a_v, v_hat, s_hat, total, loss_global, loss_i2r, loss_r2i]
                """.formatted(
                        program.linear("projection.image_global", "self.image_pool(p, local, every)"),
                        program.linear("projection.image_local", "local"),
                        program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"),
                        spec.globalTextProjection() ? program.linear("projection.text_global", report) : report));
        program.function("stage1", INPUTS, "List[Tensor]", """
                all = self.stage1_tensors(p, images, ids, attention_mask, map)
                return [all[9], all[10], all[11], all[12]]
                """);
    }

    /** {@code patches}: [B, C, h, w] to [B, h*w, C], row-major cells, channels last (prior.md 8, B1). */
    static void writePatches(Program program) {
        program.function("patches", "map: Tensor", "Tensor", "return torch.transpose(torch.flatten(map, 2), 1, 2)\n");
    }
}
