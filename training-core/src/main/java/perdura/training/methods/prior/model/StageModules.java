package perdura.training.methods.prior.model;

import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.nn.GlobalLoss;
import perdura.training.nn.ScriptBuilder;

/** Writes the functions that a stage's forward pass calls, and no other. */
record StageModules(Prior prior, StageSpec stage, LossTerms terms) {
    void write(ScriptBuilder program) {
        if (terms.has("global") || terms.seesPatches()) {
            prior.backbone().write(program);
        }
        if (terms.has("global")) {
            prior.imagePool().write(program, "image_pool");
        }
        prior.bert().write(program);
        prior.tokenPool().write(program, "token_pool");
        writePatches(program);
        if (stage.has(Module.CCR)) {
            writeReal(program, prior.spec());
        } else {
            writeReal(program);
        }
        if (terms.poolsReports()) {
            writeReport(program);
        }
        writeLocal(program);
        if (stage.has(Module.SPB)) {
            prior.bank().write(program);
            writeUsage(program);
        }
        if (terms.has("img")) {
            prior.imageDecoder().write(program);
        }
        if (terms.generates()) {
            prior.sentenceDecoder().write(program);
            new CrossModality(prior.spec().ccr()).write(program);
        }
    }

    /** {@code patches}: [B, C, h, w] to [B, h*w, C], row-major cells, channels last (prior.md 8, B1). */
    static void writePatches(ScriptBuilder program) {
        program.function("patches", "map: Tensor", "Tensor", "return torch.transpose(torch.flatten(map, 2), 1, 2)\n");
    }

    /** {@code real}: sentence map [B, L] and number of rows M to which rows are sentences [B, M] (bool). */
    static void writeReal(ScriptBuilder program) {
        writeReal(program, "torch.clamp_min(torch.amax(map, [1]), 0)");
    }

    /** {@code real}, without the sentences that take no part where there is a reconstruction (prior.md 2.8). */
    static void writeReal(ScriptBuilder program, ModelSpec spec) {
        if (spec.sentenceLimit() == spec.queries()) {
            writeReal(program); // there are no more rows
        } else {
            writeReal(program, "torch.clamp(torch.amax(map, [1]), 0, " + spec.sentenceLimit() + ")");
        }
    }

    private static void writeReal(ScriptBuilder program, String count) {
        program.function("real", "map: Tensor, rows: int", "Tensor", """
                count = %s
                each = torch.arange(0, rows, dtype=None, layout=None, device=map.device)
                return torch.lt(torch.unsqueeze(each, 0), torch.unsqueeze(count, 1))
                """.formatted(count));
    }

    private void writeReport(ScriptBuilder program) {
        new GlobalLoss(Prior.GLOBAL_SCALE).write(program);
        writePooling(prior, program);
    }

    /** {@code report}: sentences [B, M, dim] and valid [B, M] (bool) to t_g [B, dim]. */
    static void writePooling(Prior prior, ScriptBuilder program) {
        prior.sentencePool().write(program, "sentence_pool");
        String pooled = "self.sentence_pool(p, x, valid)";
        program.function(
                "report",
                "x: Tensor, valid: Tensor",
                "Tensor",
                "return %s\n"
                        .formatted(
                                prior.spec().heads().globalTextProjection()
                                        ? program.linear("projection.text_global", pooled)
                                        : pooled));
    }

    private void writeLocal(ScriptBuilder program) {
        LocalLosses losses = new LocalLosses(Prior.LOCAL_SCALE);
        if (terms.has("i2r")) {
            prior.lam().writeSentences(program);
            losses.writeImageToReport(program);
        }
        if (terms.seesPatchEvidence()) {
            prior.lam().writePatches(program);
        }
        if (terms.has("r2i")) {
            prior.predictor().write(program);
            losses.writeReportToImage(program);
        }
        if (terms.has("cross_image")) {
            prior.lam().writeCrossImage(program, Prior.LOCAL_SCALE);
        }
        if (terms.has("cross_patch")) {
            prior.lam().writeCrossPatch(program);
        }
    }

    /** {@code counts}: weights [B, M, K] and valid to how often each row is the greatest [K]; {@code greatest}: the mean. */
    private void writeUsage(ScriptBuilder program) {
        program.function("counts", "weights: Tensor, valid: Tensor", "Tensor", """
                first = torch.masked_select(torch.argmax(weights, -1), valid)
                return torch.bincount(first, None, %d)
                """.formatted(
                        prior.spec().prototypes()));
        program.function(
                "greatest",
                "weights: Tensor, valid: Tensor",
                "Tensor",
                "return torch.mean(torch.masked_select(torch.amax(weights, [-1]), valid))\n");
    }
}
