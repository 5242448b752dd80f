package perdura.grids.spec;

/**
 * Words of others (names of files, tensors and keys, values of tables) as they may stand in a message, a log and on a
 * terminal: without what moves a cursor, begins a line or turns the direction of writing, and cut where they are long.
 * What is taken out is told as in JSON, {@code \}{@code u001b}.
 */
public final class PlainText {
    private static final int SHOWN = 200;
    private static final int LONGEST_LINE = 4_000;
    private static final int LONGEST_MESSAGE = 200_000;

    private PlainText() {}

    /** A value on one line, of at most {@value #SHOWN} characters. */
    public static String shown(String value) {
        return cut(line(value), SHOWN);
    }

    /** A text on one line. */
    public static String line(String text) {
        return escaped(text, false);
    }

    /** A text whose line breaks and tabulators are its own. */
    public static String lines(String text) {
        return escaped(text, true);
    }

    /** A message whose line breaks are its own; no line of it, and no message, is longer than people read. */
    public static String message(String text) {
        if (text.length() <= LONGEST_LINE) {
            return lines(text);
        }
        StringBuilder out = new StringBuilder();
        for (String line : cut(text, LONGEST_MESSAGE).split("\n", -1)) {
            out.append(out.isEmpty() ? "" : "\n").append(cut(line, LONGEST_LINE));
        }
        return lines(out.toString());
    }

    /** A text of at most so many characters, and how many there were. */
    public static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end) + "... (" + text.length() + " characters)";
    }

    private static String escaped(String text, boolean keepLines) {
        int first = 0;
        while (first < text.length()
                && (isPlain(text.charAt(first), keepLines) || (keepLines && isLineEnd(text, first)))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPlain(c, keepLines) || (keepLines && isLineEnd(text, i))) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return out.toString();
    }

    /** Comma-separated values end lines with both. */
    private static boolean isLineEnd(String text, int at) {
        return text.charAt(at) == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
    }

    private static boolean isPlain(char c, boolean keepLines) {
        if (c < 0x7F) {
            return c >= ' ' || (keepLines && (c == '\n' || c == '\t'));
        }
        return c > 0x9F && !isFormat(c);
    }

    /** Line and paragraph separators, marks of direction, and the characters that no text has. */
    private static boolean isFormat(char c) {
        return (c >= '\u200B' && c <= '\u200F')
                || (c >= '\u2028' && c <= '\u202E')
                || (c >= '\u2060' && c <= '\u206F')
                || c == '\u061C'
                || c == '\uFEFF'
                || (c >= '\uFFF0' && c <= '\uFFFB');
    }
}
