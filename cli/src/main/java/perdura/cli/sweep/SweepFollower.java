package perdura.cli.sweep;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.LiveLines;
import perdura.cli.words.LiveLines.Bar;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.experiments.compare.ComparedPoint;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialState;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.store.Sweeps;

/** Shows a sweep until it ends: a live table on a terminal, a line now and then elsewhere. */
public final class SweepFollower {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final String AWAY =
            "Postgres does not answer; waiting for it. The sweep waits too, and loses nothing.";

    private final Sweeps sweeps;
    private final SweepResults results;
    private final Terminal terminal;
    private final LiveLines live;
    private final SweepScreen screen = new SweepScreen();
    private boolean diskFull;
    private volatile boolean silent;

    public SweepFollower(Terminal terminal, Sweeps sweeps, SweepResults results) {
        this.sweeps = sweeps;
        this.results = results;
        this.terminal = terminal;
        this.live = new LiveLines(terminal);
    }

    /** Follows until the sweep has ended, and returns it as it is then. A store that is away is waited for. */
    public StoredSweep follow(String sweepId) throws InterruptedException {
        while (true) {
            try {
                SweepScreen.Look look = SweepScreen.Look.at(sweeps, results, sweepId);
                Instant now = Instant.now();
                tell(look.fullDisk());
                show(screen.lines(look, now), screen.headline(look, now));
                if (look.sweep().status().isTerminal()) {
                    live.leave();
                    return look.sweep();
                }
            } catch (PerduraException e) {
                if (e.code() != ErrorCode.STORE_UNAVAILABLE) {
                    throw e;
                }
                show(List.of(AWAY), AWAY);
            }
            Thread.sleep(LOOK_EVERY.toMillis());
        }
    }

    /** How far a sweep is, in one line. */
    public static String headline(Sweeps sweeps, SweepResults results, String sweepId) {
        return new SweepScreen().headline(SweepScreen.Look.at(sweeps, results, sweepId), Instant.now());
    }

    /** Shows nothing more: the process ends. */
    public void silence() {
        silent = true;
        live.leave();
    }

    /** Says which disk is full when one gets so: the live lines have no room for it. */
    private void tell(Optional<String> fullDisk) {
        if (fullDisk.isPresent() && !diskFull && !silent) {
            live.clear();
            terminal.message(fullDisk.get());
        }
        diskFull = fullDisk.isPresent();
    }

    private void show(List<String> lines, String elsewhere) {
        if (!silent) {
            live.show(lines, elsewhere);
        }
    }

    /** A sweep in lines of text: how far it is, what runs, what is best so far, and when it ends. */
    static final class SweepScreen {
        private static final int MOST_RUNNING = 12;
        private static final int LABEL = 64;

        private final Pace pace = new Pace();

        /** One line. */
        String headline(Look look, Instant now) {
            return progress(look, now) + best(look.sweep());
        }

        private static String best(StoredSweep sweep) {
            return sweep.progress().bestValue() == null
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            "  best %s %.4f",
                            sweep.progress().objective(),
                            sweep.progress().bestValue());
        }

        private String progress(Look look, Instant now) {
            StoredSweep sweep = look.sweep();
            double share = look.total() == 0 ? 1 : (look.settled() + inFlight(look)) / look.total();
            StringBuilder line = new StringBuilder(sweep.sweepId() + " " + Bar.of(share));
            if (sweep.status() != SweepStatus.RUNNING) {
                line.append("  ").append(sweep.status());
            }
            if (look.fullDisk().isPresent()) {
                line.append("  DISK FULL");
            }
            line.append("  ")
                    .append(ComparedPoint.StateWords.of(look.counts()))
                    .append(" of ")
                    .append(look.total());
            line.append("  ").append(Times.of(sweep.progress().ran()));
            pace.left(look, share, now).ifPresent(left -> line.append("  ETA ").append(Times.of(left)));
            return line.toString();
        }

        /** How far it is, the best trial so far, and a line for each pre-training that trials wait for and each trial that runs. */
        List<String> lines(Look look, Instant now) {
            List<String> lines = new ArrayList<>();
            lines.add(progress(look, now));
            look.best().ifPresent(label -> lines.add(best(look.sweep()) + ": " + label));
            List<SweepResults.Pretraining> pretrainings =
                    look.pretrainings().stream().limit(MOST_RUNNING).toList();
            List<TrialRow> shown = look.running().stream().limit(MOST_RUNNING).toList();
            int width = Math.min(
                    LABEL,
                    Stream.concat(
                                    pretrainings.stream().map(run -> run.runId().value()),
                                    shown.stream().map(trial -> trial.identity().label()))
                            .mapToInt(String::length)
                            .max()
                            .orElse(0));
            pretrainings.forEach(run -> lines.add(line(run.runId().value(), width, run.step(), run.totalSteps())));
            shown.forEach(trial -> lines.add(line(
                    trial.identity().label(),
                    width,
                    trial.progress().step(),
                    trial.progress().totalSteps())));
            long more = look.count(TrialState.RUNNING) - shown.size();
            if (more > 0) {
                lines.add("  and " + more + " more");
            }
            return lines;
        }

        private static String line(String label, int width, long step, @Nullable Long total) {
            String shown = label.length() <= width ? label : label.substring(0, width - 3) + "...";
            String bar = total == null || total == 0
                    ? "preparing"
                    : Bar.of((double) step / total) + "  step " + step + "/" + total;
            return "  " + shown + " ".repeat(width - shown.length() + 2) + bar;
        }

        /** Trials' worth of work that running ones have done. */
        private static double inFlight(Look look) {
            return look.running().stream()
                    .filter(trial -> trial.progress().totalSteps() != null
                            && trial.progress().totalSteps() > 0)
                    .mapToDouble(trial ->
                            (double) trial.progress().step() / trial.progress().totalSteps())
                    .sum();
        }

        /** How fast the share of done work has grown since somebody began to look. */
        private static final class Pace {
            private Instant since = Instant.EPOCH;
            private double from = -1;

            Optional<Duration> left(Look look, double share, Instant now) {
                if (from < 0 || look.sweep().status() != SweepStatus.RUNNING) {
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

        /**
         * A sweep as it is at one moment.
         *
         * @param best what its best trial so far is called
         * @param fullDisk which disk is full, while one is
         */
        record Look(
                StoredSweep sweep,
                Map<TrialState, Long> counts,
                List<TrialRow> running,
                List<SweepResults.Pretraining> pretrainings,
                Optional<String> best,
                Optional<String> fullDisk) {
            static Look at(Sweeps sweeps, SweepResults results, String sweepId) {
                return new Look(
                        sweeps.load(sweepId),
                        results.count(sweepId),
                        results.listRunning(sweepId),
                        results.listPretrainings(sweepId),
                        results.findBestLabel(sweepId),
                        results.findFullDisk(sweepId));
            }

            long total() {
                return counts.values().stream().mapToLong(Long::longValue).sum();
            }

            long count(TrialState state) {
                return counts.getOrDefault(state, 0L);
            }

            /** Those that do not run as things are. */
            long settled() {
                return count(TrialState.FINISHED) + count(TrialState.FAILED) + count(TrialState.HELD);
            }
        }
    }
}
