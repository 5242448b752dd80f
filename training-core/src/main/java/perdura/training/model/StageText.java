package perdura.training.model;

import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.StageSpec.Module;

/**
 * Joins the modules to the forward pass of one stage (prior.md 2.9). Nothing is written that no term needs, so nothing is
 * trained that only it would need. The function {@code align} takes the batch to all but the report side of the
 * reconstruction; the function {@code generate}, if there is one, goes on after the matching. Each returns a list:
 * {@link #aligned} and {@link #generated} say what stands where in it.
 */
final class StageText {
    /** Stands in both lists: the weighted sum []. */
    static final String TOTAL = "total";
    /** Stands in both lists: the numbers of the step, detached; {@link #figures} names them. */
    static final String FIGURES = "figures";

    static final String COST = "cost";
    static final String COUNTS = "counts";
    static final String QUERY_COUNTS = "query_counts";

    private final ModelSpec spec;
    private final StageSpec stage;
    private final boolean trains;
    private final LossTerms terms;
    private final Program program;
    private final List<String> carried = new ArrayList<>();
    private final PassBody align;
    private final PassBody generate;

    StageText(Prior prior, StageSpec stage, Program.Mode mode) {
        this.spec = prior.spec();
        this.stage = stage;
        this.trains = mode == Program.Mode.TRAIN;
        this.terms = LossTerms.of(stage);
        this.program = new Program(mode);
        this.align = new PassBody(terms, terms.beforeMatching());
        this.generate = new PassBody(terms, terms.afterMatching());
        new StageModules(prior, stage, terms).write(program);
        writeAlign();
        if (terms.generates()) {
            writeGenerate();
        }
    }

    Program program() {
        return program;
    }

    /** What {@code align} returns, in order. */
    List<String> aligned() {
        return align.returned();
    }

    /** What {@code generate} returns, in order. */
    List<String> generated() {
        return generate.returned();
    }

    /** Which results of {@code align} the first list of {@code generate} holds. */
    List<String> carried() {
        return List.copyOf(carried);
    }

    /** Names of the last figures: each term before weighting, as {@code loss_global}, and what else is told of a step. */
    List<String> figures() {
        List<String> all = new ArrayList<>(align.figures());
        all.addAll(generate.figures());
        return all;
    }

    /** Rows of sentences: those of the longest report, or the number that a stage with reconstruction has. */
    int sentences(int longest) {
        return stage.has(Module.CCR) ? spec.queries() : Math.max(1, longest);
    }

    boolean generates() {
        return terms.generates();
    }

    StageNoise.Needs needs() {
        return new StageNoise.Needs(
                trains && stage.has(Module.SPB), trains && terms.has("gpa"), trains && terms.has("img"));
    }

    private void writeAlign() {
        boolean usesBank = stage.has(Module.SPB);
        encode();
        if (usesBank) {
            align.set("quiet", "torch.detach(self.spb_quiet(p, x))");
            align.set("weights", query("x"));
            align.give("s", "self.spb_mix(p, weights, valid)");
        } else {
            align.give("s", "x");
        }
        if (terms.poolsReports()) {
            align.give("t_g", "self.report(p, s, valid)");
        }
        if (terms.has("i2r")) {
            align.write("a_s, v_hat, = self.lam_sentences(p, v, s, valid)\n");
            align.give(List.of("a_s", "v_hat"));
        }
        if (terms.seesPatchEvidence()) {
            align.write("a_v, s_hat, = self.lam_patches(p, v, s, valid)\n");
            align.give(List.of("a_v", "s_hat"));
        }
        addLosses();
        if (terms.generates()) {
            align.give("y", "self.sentence_decoder(p, v)");
            align.give(COST, "self.matching_cost(p, y, s)");
        }
        align.giveTotal(null);
        if (usesBank) {
            addUsage();
        } else {
            align.giveFigures(null, List.of(), List.of());
        }
        program.function(
                "align",
                "images: Tensor, ids: Tensor, attention_mask: Tensor, map: Tensor"
                        + (needs().query() ? ", noise: Tensor, tau: Tensor" : "")
                        + (needs().keep() ? ", keep: Tensor" : ""),
                "List[Tensor]",
                align.text());
    }

    /** v_g, V, x and which of its rows are sentences. */
    private void encode() {
        if (terms.has("global") || terms.seesPatches()) {
            align.set("local", "self.patches(p, self.backbone(p, images))");
        }
        if (terms.has("global")) {
            align.set("every", "torch.ones_like(torch.select(local, 2, 0), dtype=11)");
            align.give("v_g", program.linear("projection.image_global", "self.image_pool(p, local, every)"));
        }
        if (terms.seesPatches()) {
            align.give("v", program.linear("projection.image_local", "local"));
        }
        align.set("tokens", program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"));
        // In a stage with reconstruction later sentences take no part in any term (prior.md 2.8).
        align.set(
                "rows",
                stage.has(Module.CCR) ? String.valueOf(spec.queries()) : "int(torch.clamp_min(torch.max(map), 1))");
        align.set("valid", "self.real(p, map, rows)");
        align.give("x", "self.token_pool(p, tokens, map, rows)");
    }

    /** The weights of the bank for rows of an expression. */
    private String query(String x) {
        return trains ? "self.spb_weights(p, " + x + ", noise, tau)" : "self.spb_quiet(p, " + x + ")";
    }

    private void addLosses() {
        align.loss("global", "self.global_loss(p, v_g, t_g)");
        align.loss("r2i", "self.report_to_image(p, v, s_hat)");
        align.loss("i2r", "self.image_to_report(p, s, v_hat, valid)");
        align.loss("proto", "self.prototype_loss(p, s, x, valid)");
        if (terms.has("img")) {
            String seen = trains ? "self.hide(p, v, keep)" : "v";
            align.give("reconstruction", "self.image_decoder(p, " + seen + ", s_hat)");
        }
        align.loss("img", "torch.mean(torch.abs(torch.sub(reconstruction, images)))");
        align.loss("cross_image", "self.cross_image(p, v, s, valid)");
        align.loss("cross_patch", "self.cross_patch(p, v, s, valid)");
    }

    /** How the bank is used; L_proto relative to the size of the vectors shows what their shrinking hides. */
    private void addUsage() {
        String proto = terms.has("proto") ? "loss_proto" : "self.prototype_loss(p, s, x, valid)";
        align.set("size", "torch.mean(torch.masked_select(torch.mean(torch.abs(x), [-1]), valid))");
        align.giveFigures(
                null,
                List.of("proto_relative", "prototype_greatest_weight", "query_greatest_weight"),
                List.of(
                        "torch.div(" + proto + ", size)",
                        "self.greatest(p, quiet, valid)",
                        "self.greatest(p, weights, valid)"));
        align.give(COUNTS, "self.counts(p, quiet, valid)");
        align.give(QUERY_COUNTS, "self.counts(p, weights, valid)");
    }

    private void writeGenerate() {
        carried.addAll(List.of("x", "s", "y", TOTAL, FIGURES));
        if (terms.has("gpa")) {
            carried.add("t_g");
        }
        for (int i = 0; i < carried.size(); i++) {
            generate.set(carried.get(i), "c[" + i + "]");
        }
        generate.set("valid", "self.real(p, map, " + spec.queries() + ")");
        generate.give("aligned", "self.aligned(p, y, inverse)");
        generate.loss("spg", "self.generation_loss(p, aligned, s)");
        generate.loss("kl", "self.kl_loss(p, x, aligned, valid)");
        if (terms.has("gpa")) {
            generate.set("weights", query("aligned"));
            generate.give("t_y", "self.report(p, self.spb_mix(p, weights, valid), valid)");
        }
        generate.loss("gpa", "self.global_loss(p, t_y, t_g)");
        generate.giveTotal(TOTAL);
        // Whether a query prefers the prototype that its sentence prefers.
        generate.write("""
                wanted = torch.argmax(self.spb_logits(p, torch.detach(x)), -1)
                given = torch.argmax(self.spb_logits(p, torch.detach(aligned)), -1)
                hits = torch.to(torch.masked_select(torch.eq(wanted, given), valid), x.dtype)
                """);
        generate.giveFigures(FIGURES, List.of("query_hits"), List.of("torch.mean(hits)"));
        program.function(
                "generate",
                "c: List[Tensor], map: Tensor, inverse: Tensor"
                        + (needs().requery() ? ", noise: Tensor, tau: Tensor" : ""),
                "List[Tensor]",
                generate.text());
    }
}
