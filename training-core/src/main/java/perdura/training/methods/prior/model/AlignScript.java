package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.nn.ScriptBuilder;

/** Writes {@code align}: a batch to all but the report side of the reconstruction. */
final class AlignScript {
    private final ForwardPlan plan;
    private final LossTerms terms;
    private final ScriptBuilder program;
    private final FunctionBuilder body;

    AlignScript(ForwardPlan plan, ScriptBuilder program) {
        this.plan = plan;
        this.terms = plan.terms();
        this.program = program;
        this.body = plan.body(plan.here().beforeMatching());
    }

    FunctionBuilder write() {
        encode();
        askBank();
        if (terms.poolsReports()) {
            body.give("t_g", "self.report(p, s, valid)");
        }
        if (terms.has("i2r")) {
            body.write("a_s, v_hat, = self.lam_sentences(p, v, s, valid)\n");
            body.give(List.of("a_s", "v_hat"));
        }
        if (terms.seesPatchEvidence()) {
            body.write("a_v, s_hat, = self.lam_patches(p, v, s, valid)\n");
            body.give(List.of("a_v", "s_hat"));
        }
        addLosses();
        if (terms.generates()) {
            body.give("y", "self.sentence_decoder(p, v)");
            body.give(StageProgram.COST, "self.matching_cost(p, y, s)");
        }
        if (plan.tellsLosses()) {
            plan.passOn(body);
            body.giveTotal(null);
            addUsage();
        }
        program.function(
                "align",
                plan.gradients()
                        + "images: Tensor, ids: Tensor, attention_mask: Tensor, map: Tensor"
                        + (plan.needs().query() ? ", noise: Tensor, tau: Tensor" : "")
                        + (plan.needs().keep() ? ", keep: Tensor" : "")
                        + (plan.isWhole() ? "" : ", most: Tensor")
                        + plan.shares(),
                "List[Tensor]",
                body.text());
        return body;
    }

    /** v_g, V, x and which of its rows are sentences. */
    private void encode() {
        if (terms.has("global") || terms.seesPatches()) {
            body.set("local", "self.patches(p, self.backbone(p, images))");
        }
        if (terms.has("global")) {
            body.set("every", "torch.ones_like(torch.select(local, 2, 0), dtype=11)");
            body.give("v_g", program.linear("projection.image_global", "self.image_pool(p, local, every)"));
        }
        if (terms.seesPatches()) {
            body.give("v", program.linear("projection.image_local", "local"));
        }
        body.set("tokens", program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"));
        body.set("rows", rows());
        body.set("valid", "self.real(p, map, rows)");
        body.give("x", "self.token_pool(p, tokens, map, rows)");
    }

    private String rows() {
        if (!plan.isWhole()) {
            return "int(most)"; // as many in all chunks
        }
        // In a stage with reconstruction later sentences take no part in any term (prior.md 2.8).
        return plan.stage().has(Module.CCR)
                ? String.valueOf(plan.spec().queries())
                : "int(torch.clamp_min(torch.max(map), 1))";
    }

    private void askBank() {
        if (!plan.usesBank()) {
            body.give("s", "x");
            return;
        }
        if (plan.tellsLosses()) {
            body.set("quiet", "torch.detach(self.spb_quiet(p, x))");
        }
        body.set("weights", plan.query("x"));
        body.give("s", "self.spb_mix(p, weights, valid)");
    }

    private void addLosses() {
        body.loss("global", LossTerms.comparison("global"));
        body.loss("r2i", "self.report_to_image(p, v, s_hat)");
        body.loss("i2r", "self.image_to_report(p, s, v_hat, valid)");
        body.loss("proto", "self.prototype_loss(p, s, x, valid)");
        if (terms.has("img")) {
            String seen = plan.draws() ? "self.hide(p, v, keep)" : "v";
            body.give("reconstruction", "self.image_decoder(p, " + seen + ", s_hat)");
        }
        body.loss("img", "torch.mean(torch.abs(torch.sub(reconstruction, images)))");
        body.loss("cross_image", LossTerms.comparison("cross_image"));
        body.loss("cross_patch", LossTerms.comparison("cross_patch"));
    }

    /** How the bank is used; L_proto relative to the size of the vectors shows what their shrinking hides. */
    private void addUsage() {
        if (!plan.usesBank()) {
            body.giveFigures(null, List.of(), List.of());
            return;
        }
        String proto = terms.has("proto") ? "loss_proto" : "self.prototype_loss(p, s, x, valid)";
        body.set("size", "torch.mean(torch.masked_select(torch.mean(torch.abs(x), [-1]), valid))");
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        if (plan.isWhole()) {
            names.add(FigureMeans.PROTO_RELATIVE);
            values.add("torch.div(" + proto + ", size)");
        } else {
            names.addAll(List.of(FigureMeans.PROTO_ERROR, FigureMeans.PROTO_SIZE));
            values.addAll(List.of(proto, "size"));
        }
        names.addAll(List.of("prototype_greatest_weight", "query_greatest_weight"));
        values.addAll(List.of("self.greatest(p, quiet, valid)", "self.greatest(p, weights, valid)"));
        body.giveFigures(null, names, values);
        body.give(StageProgram.COUNTS, "self.counts(p, quiet, valid)");
        body.give(StageProgram.QUERY_COUNTS, "self.counts(p, weights, valid)");
    }
}
