package perdura.datasets.text;

import java.util.regex.Pattern;

/** ASCII white space: blank, tab, newline, vertical tab, form feed, carriage return. */
final class Whitespace {
    private static final Pattern RUN = Pattern.compile("[ \\t\\n\\x0B\\f\\r]+");

    private Whitespace() {}

    static String trim(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isWhite(text.charAt(start))) {
            start++;
        }
        while (end > start && isWhite(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** Every run of white space becomes one blank; none is left at the ends. */
    static String collapse(String text) {
        return RUN.matcher(trim(text)).replaceAll(" ");
    }

    private static boolean isWhite(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
