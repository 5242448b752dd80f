package perdura.cli.words;

import java.util.Locale;
import java.util.Map;

/**
 * The letters beyond ASCII that results use, and what stands for them on a terminal without Unicode.
 *
 * @param sparks from the lowest to the highest
 */
public record Glyphs(String sparks, String plusMinus, String ellipsis) {
    public static final Glyphs UNICODE =
            new Glyphs("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588", "\u00b1", "\u2026");
    public static final Glyphs ASCII = new Glyphs("_.-~=+*#", "+-", "..");

    /** Unicode if the locale's encoding is UTF-8, as {@code LC_ALL}, {@code LC_CTYPE} or {@code LANG} says, in this order. */
    public static Glyphs of(Terminal terminal) {
        Map<String, String> environment = terminal.environment();
        for (String variable : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String locale = environment.getOrDefault(variable, "").toLowerCase(Locale.ROOT);
            if (!locale.isEmpty()) {
                return locale.contains("utf-8") || locale.contains("utf8") ? UNICODE : ASCII;
            }
        }
        return ASCII;
    }
}
