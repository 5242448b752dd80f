package perdura.datasets.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a report of MIMIC-CXR into its sections (prior.md 1.3). */
public final class SectionParser {
    /** The first blank is required; more of them belong to the run and are trimmed from the name. */
    private static final Pattern HEADER = Pattern.compile("\\n ([A-Z ()/,\\-]+):[ \\t\\n\\x0B\\f\\r]");

    private static final String FINDINGS = "findings";
    private static final String IMPRESSION = "impression";

    /** Headers that name a section without its word. */
    private static final Set<String> MISSPELT_FINDINGS =
            Set.of("finding", "findins", "findindgs", "findgings", "findngs", "findnings", "finidngs");

    private static final Set<String> MISSPELT_IMPRESSION = Set.of(
            "conclusion",
            "impresson",
            "imprression",
            "imoression",
            "impressoin",
            "imprssion",
            "impresion",
            "imperssion",
            "mpression",
            "impession",
            "ndication");

    /** The first of this list that a header contains names it, wherever it stands in the header. */
    private static final List<String> CONTAINED = List.of(IMPRESSION, FINDINGS, "history", "comparison", "addendum");

    private static final List<String> VIEWS = List.of(
            "chest",
            "portable",
            "pa and lateral",
            "lateral and pa",
            "ap and lateral",
            "lateral and ap",
            "frontal and",
            "two views",
            "frontal view",
            "pa view",
            "ap view",
            "one view",
            "lateral view",
            "bone window",
            "frontal upright",
            "frontal semi-upright",
            "ribs",
            "pa and lat");

    private SectionParser() {}

    /** All sections in order, the preamble first; a report without headers is the one section {@code full report}. */
    public static List<Section> parse(String report) {
        Matcher header = HEADER.matcher(report);
        if (!header.find()) {
            return List.of(new Section("full report", Whitespace.trim(report)));
        }
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("preamble", Whitespace.trim(report.substring(0, header.start()))));
        boolean more = true;
        while (more) {
            String name = sectionName(header.group(1));
            int start = header.end();
            more = header.find();
            int end = more ? header.start() : report.length();
            sections.add(new Section(name, Whitespace.trim(report.substring(start, end))));
        }
        return sections;
    }

    /** The last section of each of the two names that is not blank. */
    public static ReportSections select(String report) {
        String impression = "";
        String findings = "";
        for (Section section : parse(report)) {
            if (section.text().isEmpty()) {
                continue;
            }
            if (section.name().equals(IMPRESSION)) {
                impression = section.text();
            } else if (section.name().equals(FINDINGS)) {
                findings = section.text();
            }
        }
        return new ReportSections(impression, findings);
    }

    private static String sectionName(String header) {
        String name = Whitespace.trim(header.toLowerCase(Locale.ROOT));
        if (MISSPELT_IMPRESSION.contains(name)) {
            return IMPRESSION;
        }
        if (MISSPELT_FINDINGS.contains(name)) {
            return FINDINGS;
        }
        for (String word : CONTAINED) {
            if (name.contains(word)) {
                return word;
            }
        }
        return VIEWS.stream().anyMatch(name::contains) ? FINDINGS : name;
    }

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
}
