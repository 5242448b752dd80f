package perdura.datasets.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a section into sentences by the rule of prior.md 1.4; list markers vanish, and so do letterless fragments. */
public final class SentenceSplitter {
    private static final Set<String> ABBREVIATIONS =
            Set.of("dr", "mr", "mrs", "ms", "vs", "e.g", "i.e", "etc", "approx", "fig", "a.m", "p.m");

    private static final Pattern MARKER = Pattern.compile("[0-9]{1,2}[.)](?: |$)");
    private static final Pattern END = Pattern.compile("[.?!][.?!\"')\\]}]*");

    private SentenceSplitter() {}

    /** The sentences of a section in order, with single blanks and without blanks at their ends. */
    public static List<String> split(String section) {
        String text = Whitespace.collapse(section);
        List<String> sentences = new ArrayList<>();
        int start = skipMarkers(text, 0);
        Matcher end = END.matcher(text);
        while (end.find()) {
            int blank = end.end();
            if (end.start() < start || blank + 1 >= text.length() || text.charAt(blank) != ' ') {
                continue;
            }
            int following = blank + 1;
            int after = skipMarkers(text, following);
            if ((after > following || beginsSentence(text.codePointAt(following))) && !isAbbreviated(text, end)) {
                addIfLettered(sentences, text.substring(start, blank));
                start = after;
            }
        }
        addIfLettered(sentences, text.substring(start));
        return sentences;
    }

    private static int skipMarkers(String text, int from) {
        Matcher marker = MARKER.matcher(text);
        int at = from;
        while (marker.region(at, text.length()).lookingAt()) {
            at = marker.end();
        }
        return at;
    }

    private static boolean beginsSentence(int c) {
        return Character.isUpperCase(c) || (c >= '0' && c <= '9') || c == '_' || c == '(';
    }

    /** True when a lone full stop follows an abbreviation or a single upper-case letter. */
    private static boolean isAbbreviated(String text, Matcher end) {
        String marks = end.group();
        if (marks.charAt(0) != '.' || marks.chars().skip(1).anyMatch(c -> c == '.' || c == '?' || c == '!')) {
            return false;
        }
        int from = text.lastIndexOf(' ', end.start()) + 1;
        while (from < end.start() && "([{\"'".indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        String word = text.substring(from, end.start());
        return ABBREVIATIONS.contains(word.toLowerCase(Locale.ROOT))
                || (word.codePointCount(0, word.length()) == 1 && Character.isUpperCase(word.codePointAt(0)));
    }

    private static void addIfLettered(List<String> sentences, String fragment) {
        if (fragment.codePoints().anyMatch(Character::isLetter)) {
            sentences.add(fragment.strip());
        }
    }
}
