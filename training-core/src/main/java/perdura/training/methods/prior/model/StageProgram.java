package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.nn.ScriptBuilder;

/**
 * Joins the modules to the forward pass of one stage (prior.md 2.9). Nothing is written that no term needs, so nothing is
 * trained that only it would need. The function {@code align} takes the batch to all but the report side of the
 * reconstruction; the function {@code generate}, if there is one, goes on after the matching. Each returns a list:
 * {@link #aligned} and {@link #generated} say what stands where in it. For a chunk of a batch there is a function {@code mix}
 * too, of the embeddings of all chunks.
 */
final class StageProgram {
    /** Stands in both lists: the weighted sum []. */
    static final String TOTAL = "total";
    /** Stands in both lists: the numbers of the step, detached; {@link #figures} names them. */
    static final String FIGURES = "figures";

    static final String COST = "cost";
    static final String COUNTS = "counts";
    static final String QUERY_COUNTS = "query_counts";

    private final ForwardPlan plan;
    private final ScriptBuilder program;
    private final List<String> aligned;
    private final List<String> generated;
    private final List<String> carried;
    private final List<String> figures = new ArrayList<>();

    /** The pass over a whole batch. */
    StageProgram(Prior prior, StageSpec stage, ScriptBuilder.Mode mode) {
        this(prior, stage, mode, ForwardPlan.Part.WHOLE);
    }

    StageProgram(Prior prior, StageSpec stage, ScriptBuilder.Mode mode, ForwardPlan.Part part) {
        this.plan = ForwardPlan.of(prior.spec(), stage, part, mode);
        this.program = new ScriptBuilder(mode);
        new StageModules(prior, stage, plan.terms()).write(program);
        FunctionBuilder align = new AlignScript(plan, program).write();
        this.aligned = align.returned();
        figures.addAll(align.figures());
        if (generates()) {
            GenerateScript text = new GenerateScript(plan);
            FunctionBuilder generate = text.write(program);
            this.carried = text.carried();
            this.generated = generate.returned();
            figures.addAll(generate.figures());
        } else {
            this.carried = List.of();
            this.generated = List.of();
        }
        if (plan.passesOn()) {
            new MixScript(plan.terms().mixed()).write(program);
        }
    }

    ScriptBuilder program() {
        return program;
    }

    /** What {@code align} returns, in order. */
    List<String> aligned() {
        return aligned;
    }

    /** What {@code generate} returns, in order. */
    List<String> generated() {
        return generated;
    }

    /** Which results of {@code align} the first list of {@code generate} holds. */
    List<String> carried() {
        return carried;
    }

    /** Of the parts of a batch: the results whose gradients the whole batch gives. */
    List<String> embeddings() {
        return plan.embeddings();
    }

    /** Names of the last figures: each term before weighting, as {@code loss_global}, and what else is told of a step. */
    List<String> figures() {
        return List.copyOf(figures);
    }

    /** Rows of sentences: those of the longest report, or the number that a stage with reconstruction has. */
    int sentences(int longest) {
        return plan.stage().has(Module.CCR) ? plan.spec().queries() : Math.max(1, longest);
    }

    /** How many sentences of a report take part, if it has {@code sentences}. */
    int taken(int sentences) {
        return plan.stage().has(Module.CCR) ? Math.min(plan.spec().sentenceLimit(), sentences) : sentences;
    }

    boolean generates() {
        return plan.terms().generates();
    }

    StageNoise.Needs needs() {
        return plan.needs();
    }
}
