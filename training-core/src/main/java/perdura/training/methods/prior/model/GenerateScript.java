package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import perdura.training.nn.ScriptBuilder;

/** Writes {@code generate}: what follows the matching of predicted prototypes. */
final class GenerateScript {
    private final ForwardPlan plan;
    private final LossTerms terms;
    private final FunctionBuilder body;

    GenerateScript(ForwardPlan plan) {
        this.plan = plan;
        this.terms = plan.terms();
        this.body = plan.body(plan.here().afterMatching());
    }

    /** Which results of {@code align} its first list holds. */
    List<String> carried() {
        if (!plan.tellsLosses()) {
            return List.of("y");
        }
        List<String> carried = new ArrayList<>(List.of("x", "s", "y", StageProgram.TOTAL, StageProgram.FIGURES));
        if (plan.here().has("gpa")) {
            carried.add("t_g");
        }
        return carried;
    }

    FunctionBuilder write(ScriptBuilder program) {
        List<String> carried = carried();
        for (int i = 0; i < carried.size(); i++) {
            body.set(carried.get(i), "c[" + i + "]");
        }
        body.set("valid", "self.real(p, map, " + plan.spec().queries() + ")");
        body.give("aligned", "self.aligned(p, y, inverse)");
        body.loss("spg", "self.generation_loss(p, aligned, s)");
        body.loss("kl", "self.kl_loss(p, x, aligned, valid)");
        if (terms.has("gpa")) {
            body.set("weights", plan.query("aligned"));
            body.give("t_y", "self.report(p, self.spb_mix(p, weights, valid), valid)");
        }
        body.loss("gpa", LossTerms.comparison("gpa"));
        if (plan.tellsLosses()) {
            plan.passOn(body);
            body.giveTotal(StageProgram.TOTAL);
            // Whether a query prefers the prototype that its sentence prefers.
            body.write("""
                    wanted = torch.argmax(self.spb_logits(p, torch.detach(x)), -1)
                    given = torch.argmax(self.spb_logits(p, torch.detach(aligned)), -1)
                    hits = torch.to(torch.masked_select(torch.eq(wanted, given), valid), x.dtype)
                    """);
            body.giveFigures(StageProgram.FIGURES, List.of("query_hits"), List.of("torch.mean(hits)"));
        }
        program.function(
                "generate",
                "c: List[Tensor], "
                        + plan.gradients()
                        + "map: Tensor, inverse: Tensor"
                        + (plan.needs().requery() ? ", noise: Tensor, tau: Tensor" : "")
                        + plan.shares(),
                "List[Tensor]",
                body.text());
        return body;
    }
}
