package perdura.cli.follow;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Bar;
import perdura.cli.words.Times;

/** One line that says how far a run is: bar, steps, loss, rate, time left. */
final class ProgressLine {
    private ProgressLine() {}

    /**
     * Draws the line.
     *
     * @param total 0 while unknown
     * @param stepsPerSecond 0 while unknown
     */
    static String of(long step, long total, double stepsPerSecond, @Nullable Double loss) {
        StringBuilder line = new StringBuilder(Bar.of(total == 0 ? 0 : step / (double) total));
        line.append(String.format(Locale.ROOT, "  step %d/%s", step, total == 0 ? "?" : total));
        if (loss != null) {
            line.append(String.format(Locale.ROOT, "  loss %.4f", loss));
        }
        if (stepsPerSecond > 0) {
            line.append(String.format(Locale.ROOT, "  %.2f steps/s", stepsPerSecond));
            if (total > step) {
                line.append("  ETA ").append(Times.of(Duration.ofSeconds((long) ((total - step) / stepsPerSecond))));
            }
        }
        return line.toString();
    }
}
