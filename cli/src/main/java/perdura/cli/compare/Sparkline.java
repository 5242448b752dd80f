package perdura.cli.compare;

import java.util.List;
import perdura.cli.words.Glyphs;

/**
 * Curves as a line of text, all on one scale.
 *
 * @param low value of the lowest letter
 * @param high value of the highest
 */
public record Sparkline(double low, double high, Glyphs glyphs) {
    /** The scale of all curves; values that are not finite don't count. */
    public static Sparkline over(List<List<Double>> curves, Glyphs glyphs) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (List<Double> curve : curves) {
            for (double value : curve) {
                if (Double.isFinite(value)) {
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
            }
        }
        return new Sparkline(low, high, glyphs);
    }

    /**
     * A letter for each value, or for the mean of neighbours if there are more than {@code width}. A value that is not finite is a
     * blank.
     */
    public String draw(List<Double> curve, int width) {
        int letters = Math.min(width, curve.size());
        StringBuilder line = new StringBuilder(letters);
        for (int i = 0; i < letters; i++) {
            int from = (int) ((long) i * curve.size() / letters);
            int to = (int) ((i + 1L) * curve.size() / letters);
            double mean = curve.subList(from, to).stream()
                    .mapToDouble(x -> x)
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
            line.append(letter(mean));
        }
        return line.toString();
    }

    private char letter(double value) {
        if (!Double.isFinite(value)) {
            return ' ';
        }
        String sparks = glyphs.sparks();
        int top = sparks.length() - 1;
        return sparks.charAt(high > low ? (int) Math.round((value - low) / (high - low) * top) : top / 2);
    }
}
