package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements of one function of a forward pass while they are written, and what the function returns. */
final class FunctionBuilder {
    private final StringBuilder statements = new StringBuilder();
    private final List<String> returned = new ArrayList<>();
    private final List<String> figures = new ArrayList<>();
    private final List<String> passedOn = new ArrayList<>();
    private final LossTerms terms;
    private final List<String> here;
    private final @Nullable FigureMeans shared;

    /**
     * @param here the terms that this function gives
     * @param shared for a chunk: its losses count by its share of the batch; null for a whole batch
     */
    FunctionBuilder(LossTerms terms, List<String> here, @Nullable FigureMeans shared) {
        this.terms = terms;
        this.here = here;
        this.shared = shared;
    }

    /** Statements, each on a line. */
    void write(String text) {
        statements.append(text);
    }

    /** A variable that stays in the function. */
    void set(String name, String expression) {
        statements.append(name).append(" = ").append(expression).append('\n');
    }

    /** A variable that the function returns. */
    void give(String name, String expression) {
        set(name, expression);
        returned.add(name);
    }

    /** Returns variables that are there. */
    void give(List<String> names) {
        returned.addAll(names);
    }

    /** A loss, {@code loss_} and the term, if this function gives it. */
    void loss(String term, String expression) {
        if (here.contains(term)) {
            set("loss_" + term, expression);
        }
    }

    /** Has the backward pass go on from a variable with a gradient that is known already. */
    void passOn(String name, String gradient) {
        passedOn.add("torch.sum(torch.mul(" + name + ", " + gradient + "))");
    }

    /**
     * Returns {@code total}: {@code before} and the weighted losses of this function, in the order of the terms, and then what
     * is passed on.
     */
    void giveTotal(@Nullable String before) {
        List<String> parts = new ArrayList<>();
        if (before != null) {
            parts.add(before);
        }
        here.forEach(term -> parts.add(weighted(term)));
        parts.addAll(passedOn);
        give(
                StageProgram.TOTAL,
                parts.stream()
                        .reduce((sum, part) -> "torch.add(" + sum + ", " + part + ")")
                        .orElse("torch.sum(torch.mul(x, 0.))"));
    }

    private String weighted(String term) {
        String loss = "loss_" + term;
        double weight = terms.weight(term);
        String part = weight == 1 ? loss : "torch.mul(%s, %s)".formatted(loss, weight);
        return shared == null ? part : "torch.mul(%s, %s)".formatted(part, shared.share(loss));
    }

    /**
     * Returns {@code figures}: those {@code before}, the losses of this function and others, detached.
     *
     * @param names of the others
     * @param others their expressions
     */
    void giveFigures(@Nullable String before, List<String> names, List<String> others) {
        List<String> values = new ArrayList<>();
        here.forEach(term -> values.add("loss_" + term));
        figures.addAll(values);
        figures.addAll(names);
        values.addAll(others);
        String stacked = "torch.detach(torch.stack([" + String.join(", ", values) + "]))";
        give(StageProgram.FIGURES, before == null ? stacked : "torch.cat([" + before + ", " + stacked + "])");
    }

    /** Names of what the function returns, in order. */
    List<String> returned() {
        return List.copyOf(returned);
    }

    /** Names of the figures that this function adds. */
    List<String> figures() {
        return List.copyOf(figures);
    }

    /** The whole body. */
    String text() {
        return statements + "return [" + String.join(", ", returned) + "]\n";
    }
}
