package perdura.training.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements of one function of a forward pass while they are written, and what the function returns. */
final class PassBody {
    private final StringBuilder statements = new StringBuilder();
    private final List<String> returned = new ArrayList<>();
    private final List<String> figures = new ArrayList<>();
    private final LossTerms terms;
    private final List<String> here;

    /** @param here the terms that this function gives */
    PassBody(LossTerms terms, List<String> here) {
        this.terms = terms;
        this.here = here;
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

    /** A loss, {@code loss_} and the term, if the stage has it. */
    void loss(String term, String expression) {
        if (terms.has(term)) {
            set("loss_" + term, expression);
        }
    }

    /** Returns {@code total}: {@code before} and the weighted losses of this function, in the order of the terms. */
    void giveTotal(@Nullable String before) {
        String sum = before;
        for (String term : here) {
            double weight = terms.weight(term);
            String part = weight == 1 ? "loss_" + term : "torch.mul(loss_%s, %s)".formatted(term, weight);
            sum = sum == null ? part : "torch.add(" + sum + ", " + part + ")";
        }
        give(StageText.TOTAL, sum == null ? "torch.sum(torch.mul(x, 0.))" : sum);
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
        give(StageText.FIGURES, before == null ? stacked : "torch.cat([" + before + ", " + stacked + "])");
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
