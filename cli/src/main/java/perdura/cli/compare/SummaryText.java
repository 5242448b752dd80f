package perdura.cli.compare;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Glyphs;
import perdura.experiments.compare.Summary;

/** Numbers of results as a terminal shows them. */
public final class SummaryText {
    private static final double SMALL = 1e-3;
    private static final double GREAT = 1e4;

    private final Glyphs glyphs;

    public SummaryText(Glyphs glyphs) {
        this.glyphs = glyphs;
    }

    /** Four decimals, or a power of ten for a number that these would not show. */
    public static String number(@Nullable Double value) {
        if (value == null) {
            return "-";
        }
        return String.format(Locale.ROOT, isPlain(value) ? "%.4f" : "%.3e", value);
    }

    private static boolean isPlain(double value) {
        double size = Math.abs(value);
        return size == 0 || (size >= SMALL && size < GREAT) || !Double.isFinite(value);
    }

    /** {@code 0.8616 +- 0.0064}; one value has no deviation. How many values are missing stands behind. */
    public String mean(Summary summary) {
        String missing = summary.missing() == 0 ? "" : " (" + summary.missing() + " missing)";
        if (summary.mean() == null) {
            return "-" + missing;
        }
        String deviation = summary.std() == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        isPlain(summary.mean()) ? " %s %.4f" : " %s %.3e",
                        glyphs.plusMinus(),
                        summary.std());
        return number(summary.mean()) + deviation + missing;
    }

    /** Half of the 95 % interval: {@code +- 0.0160}; of one that is cut off its ends: {@code 0.8456 to 1.0000}. */
    public String interval(Summary summary) {
        if (summary.mean() == null || summary.high() == null) {
            return "-";
        }
        double above = summary.high() - summary.mean();
        double below = summary.mean() - Objects.requireNonNull(summary.low());
        if (Math.abs(above - below) > 1e-9 * Math.max(above, below)) {
            return number(summary.low()) + " to " + number(summary.high());
        }
        String format = isPlain(summary.mean()) ? "%s %.4f" : "%s %.3e";
        return String.format(Locale.ROOT, format, glyphs.plusMinus(), above);
    }

    /** A text of at most so many letters. */
    public String cut(String text, int width) {
        return text.length() <= width
                ? text
                : text.substring(0, width - glyphs.ellipsis().length()) + glyphs.ellipsis();
    }
}
