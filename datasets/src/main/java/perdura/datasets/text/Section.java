package perdura.datasets.text;

/**
 * One section of a report.
 *
 * @param name normalised name, for instance {@code findings}; {@code preamble} is the text before the first header and
 *     {@code full report} a text without headers
 * @param text trimmed text, may be empty
 */
public record Section(String name, String text) {
    /** The name alone: the text is a patient's and stays out of logs. */
    @Override
    public String toString() {
        return "Section[" + name + ", " + text.length() + " characters]";
    }
}
