package perdura.datasets.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The sentences of a report as SENSE reads them: cleaned, lower-cased, split at full stops (sense.md 1.5, "Exact order"). */
public final class StudySentences {
    private static final Pattern BREAK = Pattern.compile("[\\r\\n\\t]");
    private static final Pattern UNDERSCORES = Pattern.compile("_{2,}");
    private static final Pattern DOTS = Pattern.compile("\\.{2,}");
    private static final Pattern BLANKS = Pattern.compile(" {2,}");
    /** A number of one or two digits at the start or directly after a sentence. */
    private static final Pattern LIST_NUMBER = Pattern.compile("(?:^|(?<=\\. ))[0-9]{1,2}\\. ");

    private static final Pattern END = Pattern.compile("\\. ");
    private static final Pattern LONE_DOT = Pattern.compile("(?<![0-9])\\.|\\.(?![0-9])");
    private static final Pattern DELETED = Pattern.compile("[,?;*!%^&_+():<=>@\\[\\]{}\"'/\\\\]");

    private StudySentences() {}

    /** The sentences of a report or of a section, in order; none is empty. */
    public static List<String> of(String text) {
        String line = BREAK.matcher(text).replaceAll(" ");
        line = UNDERSCORES.matcher(line).replaceAll("_");
        line = DOTS.matcher(line).replaceAll(".");
        line = singleBlanks(line);
        line = LIST_NUMBER.matcher(line).replaceAll("").toLowerCase(Locale.ROOT);
        List<String> sentences = new ArrayList<>();
        for (String part : END.split(line, -1)) {
            String sentence = LONE_DOT.matcher(part).replaceAll("");
            sentence = singleBlanks(DELETED.matcher(sentence).replaceAll(""));
            if (!sentence.isEmpty()) {
                sentences.add(sentence);
            }
        }
        return sentences;
    }

    /** Runs of blanks become one, and none is left at the ends; other white space stays. */
    private static String singleBlanks(String text) {
        String single = BLANKS.matcher(text).replaceAll(" ");
        int start = single.startsWith(" ") ? 1 : 0;
        int end = single.endsWith(" ") ? single.length() - 1 : single.length();
        return start < end ? single.substring(start, end) : "";
    }
}
