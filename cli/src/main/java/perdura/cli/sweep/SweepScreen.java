package perdura.cli.sweep;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import perdura.cli.words.Bar;
import perdura.cli.words.Times;
import perdura.store.StoredSweep;
import perdura.store.TrialRow;

/** A sweep in lines of text: how far it is, what runs, what is best so far, and when it ends. */
final class SweepScreen {
    private static final int MOST_RUNNING = 12;
    private static final int LABEL = 64;

    private final Pace pace = new Pace();

    /** One line. */
    String headline(SweepLook look, Instant now) {
        StoredSweep sweep = look.sweep();
        double share = look.total() == 0 ? 1 : (look.ended() + look.count("HELD") + inFlight(look)) / look.total();
        StringBuilder line = new StringBuilder(sweep.sweepId() + " " + Bar.of(share));
        if (!sweep.status().name().equals("RUNNING")) {
            line.append("  ").append(sweep.status());
        }
        line.append("  ").append(look.ended()).append('/').append(look.total()).append(" done");
        append(line, look.count("FAILED"), "failed");
        append(line, look.count("HELD"), "held");
        append(line, look.count("RUNNING"), "running");
        line.append("  ").append(Times.of(Duration.between(sweep.submittedAt(), now)));
        pace.left(look, share, now).ifPresent(left -> line.append("  ETA ").append(Times.of(left)));
        if (sweep.bestValue() != null) {
            line.append(String.format(Locale.ROOT, "  best %s %.4f", sweep.objective(), sweep.bestValue()));
        }
        return line.toString();
    }

    /** The headline, and a line for each trial that runs. */
    List<String> lines(SweepLook look, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(look, now));
        List<TrialRow> shown = look.running().stream().limit(MOST_RUNNING).toList();
        int width = Math.min(
                LABEL,
                shown.stream().mapToInt(trial -> trial.label().length()).max().orElse(0));
        shown.forEach(trial -> lines.add(running(trial, width)));
        long more = look.count("RUNNING") - shown.size();
        if (more > 0) {
            lines.add("  and " + more + " more");
        }
        return lines;
    }

    private static String running(TrialRow trial, int width) {
        String label =
                trial.label().length() <= width ? trial.label() : trial.label().substring(0, width - 3) + "...";
        Long total = trial.totalSteps();
        String bar = total == null || total == 0
                ? "preparing"
                : Bar.of((double) trial.step() / total) + "  step " + trial.step() + "/" + total;
        return "  " + label + " ".repeat(width - label.length() + 2) + bar;
    }

    private static void append(StringBuilder line, long count, String word) {
        if (count > 0) {
            line.append(", ").append(count).append(' ').append(word);
        }
    }

    /** Trials' worth of work that running ones have done. */
    private static double inFlight(SweepLook look) {
        return look.running().stream()
                .filter(trial -> trial.totalSteps() != null && trial.totalSteps() > 0)
                .mapToDouble(trial -> (double) trial.step() / trial.totalSteps())
                .sum();
    }

    /** How fast the share of done work has grown since somebody began to look. */
    private static final class Pace {
        private Instant since = Instant.EPOCH;
        private double from = -1;

        Optional<Duration> left(SweepLook look, double share, Instant now) {
            if (from < 0 || !look.sweep().status().name().equals("RUNNING")) {
                since = now;
                from = share;
            }
            double seconds = Duration.between(since, now).toMillis() / 1e3;
            if (share <= from || seconds < 3) {
                return Optional.empty();
            }
            return Optional.of(Duration.ofSeconds((long) ((1 - share) * seconds / (share - from))));
        }
    }
}
