package perdura.training.methods.prior.model;

import java.util.List;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.nn.ScriptBuilder;

/**
 * What the functions of a pass have in common.
 *
 * @param draws whether random numbers take part
 * @param terms what is computed is what these need
 * @param here the losses that are computed
 * @param embeddings what terms that compare samples compare, if that is not done here
 */
record ForwardPlan(
        ModelSpec spec,
        StageSpec stage,
        Part part,
        boolean draws,
        LossTerms terms,
        LossTerms here,
        List<String> embeddings) {
    /** What a pass is for. */
    enum Part {
        /** A whole batch: all losses. */
        WHOLE,
        /** A chunk's embeddings, as far as a term compares samples; no loss. */
        EMBED,
        /**
         * A chunk's own losses, by its share of the batch; its embeddings pass the gradients on that the batch gives them.
         * The function {@code mix} has the terms that compare samples.
         */
        CHUNK
    }

    static ForwardPlan of(ModelSpec spec, StageSpec stage, Part part, ScriptBuilder.Mode mode) {
        LossTerms all = LossTerms.of(stage);
        boolean draws = mode.draws();
        return switch (part) {
            case WHOLE -> new ForwardPlan(spec, stage, part, draws, all, all, List.of());
            case EMBED -> new ForwardPlan(spec, stage, part, draws, all.mixed(), LossTerms.NONE, all.embeddings());
            case CHUNK -> new ForwardPlan(spec, stage, part, draws, all, all.own(), all.embeddings());
        };
    }

    boolean isWhole() {
        return part == Part.WHOLE;
    }

    boolean tellsLosses() {
        return part != Part.EMBED;
    }

    boolean usesBank() {
        return stage.has(Module.SPB);
    }

    /** Whether a function wants the gradients of the embeddings, as its last list. */
    boolean passesOn() {
        return part == Part.CHUNK && !embeddings.isEmpty();
    }

    StageNoise.Needs needs() {
        return new StageNoise.Needs(draws && usesBank(), draws && terms.has("gpa"), draws && terms.has("img"));
    }

    /** The statements of a function that gives some of the losses. */
    FunctionBuilder body(List<String> losses) {
        FunctionBuilder body = new FunctionBuilder(
                terms, losses, part == Part.CHUNK ? new FigureMeans(spec.spb().lossMean()) : null);
        if (part == Part.CHUNK) {
            body.set(FigureMeans.OF_REPORTS, "float(reports)");
            body.set(FigureMeans.OF_SENTENCES, "float(sentences)");
        }
        return body;
    }

    /** Has a function pass on the gradients of the embeddings among what it returns. */
    void passOn(FunctionBuilder body) {
        for (int i = 0; passesOn() && i < embeddings.size(); i++) {
            String name = embeddings.get(i);
            if (body.returned().contains(name)) {
                body.passOn(name, "g[" + i + "]");
            }
        }
    }

    /** Arguments after the lists that are a function's own. */
    String gradients() {
        return passesOn() ? "g: List[Tensor], " : "";
    }

    /** The last arguments: what share of the batch a chunk is. */
    String shares() {
        return part == Part.CHUNK ? ", reports: Tensor, sentences: Tensor" : "";
    }

    /** The weights of the bank for rows of an expression. */
    String query(String x) {
        return draws ? "self.spb_weights(p, " + x + ", noise, tau)" : "self.spb_quiet(p, " + x + ")";
    }
}
