package perdura.datasets.text;

import java.util.ArrayList;
import java.util.List;

/**
 * The two sections of a report that enter the training.
 *
 * @param impression trimmed text, empty if the report has none
 * @param findings trimmed text, empty if the report has none
 */
public record ReportSections(String impression, String findings) {
    /** True if a report has neither section, and so is left out. */
    public boolean isEmpty() {
        return impression.isEmpty() && findings.isEmpty();
    }

    /** The sentences of the impression, then those of the findings. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>(SentenceSplitter.split(impression));
        sentences.addAll(SentenceSplitter.split(findings));
        return sentences;
    }

    /** Lengths alone: the texts are a patient's and stay out of logs. */
    @Override
    public String toString() {
        return "ReportSections[" + impression.length() + " and " + findings.length() + " characters]";
    }
}
