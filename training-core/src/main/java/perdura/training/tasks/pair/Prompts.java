package perdura.training.tasks.pair;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import perdura.grids.spec.EnumWord;

/** What a class is called by in zero-shot classification (prior.md 4.3). */
public enum Prompts {
    /** The one sentence of the paper, "X is observed". */
    OBSERVED,
    /**
     * A short report in which the finding is said three times, beside a sentence that says nothing of it. Not the paper's: a lone
     * sentence is unlike every report of a training.
     */
    REPORT;

    /** The words that {@link #ofWord} reads. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Prompts::word).toList();
    }

    /** How a parameter has it. */
    public String word() {
        return EnumWord.of(this);
    }

    public static Prompts ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The sentences of each class's text. */
    public List<List<String>> texts(List<String> classes) {
        return classes.stream()
                .map(name -> sentences().stream()
                        .map(sentence -> sentence.formatted(name))
                        .toList())
                .toList();
    }

    private List<String> sentences() {
        return switch (this) {
            case OBSERVED -> List.of("%s is observed");
            case REPORT ->
                List.of(
                        "%s is observed.",
                        "%s is seen.", "findings consistent with %s.", "the mediastinal contours are unremarkable.");
        };
    }
}
