package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackOptions;

/**
 * Runs that are killed at random instants, against one that is left alone. Parameters: {@code chaos.runs},
 * {@code chaos.seed}, {@code chaos.method}. The table of results goes to standard output and to {@code target/chaos-report.txt}.
 */
@Tag("chaos")
class ITChaos {
    private static final int RUNS = Integer.getInteger("chaos.runs", 30);
    private static final long SEED = Long.getLong("chaos.seed", 1);
    private static final String METHOD = System.getProperty("chaos.method", "prior");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** @param doing what the run was at when each kill that landed came */
    private record Outcome(
            String runId,
            KillPlan plan,
            List<Doing> doing,
            List<Double> recoverySeconds,
            String digest,
            String verdict) {
        int landed() {
            return doing.size();
        }
    }

    /** What a run is at, by the folders that are being written. */
    private enum Doing {
        SHARD,
        COMBINING,
        SEGMENT;

        static Doing of(Platform platform, String runId) throws IOException {
            Path epochs = platform.home().resolve("artifacts").resolve(runId).resolve("epochs");
            if (!Files.isDirectory(epochs)) {
                return SEGMENT;
            }
            try (Stream<Path> folders = Files.walk(epochs, 2)) {
                List<String> writing = folders.map(folder -> String.valueOf(folder.getFileName()))
                        .filter(name -> name.contains(".writing-"))
                        .toList();
                return writing.isEmpty()
                        ? SEGMENT
                        : writing.stream().anyMatch(name -> name.startsWith("combined")) ? COMBINING : SHARD;
            } catch (UncheckedIOException | NoSuchFileException e) {
                return SEGMENT; // the preparation of an earlier epoch is being removed, by a segment
            }
        }
    }

    /** Stays when the test fails: logs, databases and checkpoints are in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path home;

    @Test
    void killedRunsEndAsAnUndisturbedOne() throws Exception {
        StackOptions options = new StackOptions(
                StackOptions.Temporal.REAL,
                StackOptions.Mlflow.LOCAL,
                StackOptions.Worker.LOCAL,
                List.of("cpu"),
                Map.of());
        List<Outcome> outcomes = new ArrayList<>();
        String reference;
        try (Platform platform = Platform.start(home, options);
                Connection connection = platform.connect()) {
            Path data = home.resolve("mimic");
            TinyRun.writeData(platform, data);
            Path spec = TinyRun.writeSpec(home.resolve("chaos.yaml"), data, METHOD);

            Submission submission = new Submission(platform, spec);
            String undisturbed = submission.submit();
            RunView expected = RunView.awaitEnd(connection, undisturbed, PATIENCE);
            assertThat(expected.status()).isEqualTo("FINISHED");
            Verdict verdict = new Verdict(platform, connection, undisturbed);
            assertThat(verdict.of(undisturbed)).isEqualTo(Verdict.SAME);
            reference = Objects.requireNonNull(expected.stateDigest());
            Duration span = new StoredPoints(connection).span(undisturbed);
            System.out.printf(
                    "undisturbed %s: %s, %d steps in %.1f s, digest %s%n",
                    METHOD, undisturbed, expected.step(), span.toMillis() / 1e3, expected.stateDigest());

            Random random = new Random(SEED);
            for (int drawn = 0; outcomes.size() < RUNS; drawn++) {
                assertThat(drawn).as("runs that were drawn").isLessThan(2 * RUNS);
                Outcome outcome = disturb(platform, connection, submission, KillPlan.draw(random, span), verdict);
                if (outcome.landed() > 0) {
                    outcomes.add(outcome);
                    System.out.println(line(outcome));
                } else { // it was over before its first kill: the machine is faster now, and another run takes its
                    // place
                    assertThat(outcome.verdict()).isEqualTo(Verdict.SAME);
                    span = new StoredPoints(connection).span(outcome.runId());
                }
            }
        }
        report(outcomes, reference);
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.verdict()).isEqualTo(Verdict.SAME));
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.landed()).isPositive());
        assertThat(median(recoveries(outcomes)))
                .as("median seconds from a kill to the end of the next training step")
                .isLessThanOrEqualTo(10);
    }

    private static Outcome disturb(
            Platform platform, Connection connection, Submission submission, KillPlan plan, Verdict verdict)
            throws Exception {
        String runId = submission.submit();
        StoredPoints stored = new StoredPoints(connection);
        List<Instant> kills = new ArrayList<>();
        List<Doing> doing = new ArrayList<>();
        RunView.awaitStart(connection, runId, PATIENCE);
        for (KillPlan.Kill kill : plan.kills()) {
            waitFor(connection, runId, kill.delay());
            if (RunView.load(connection, runId).isTerminal()) {
                break;
            }
            doing.add(Doing.of(platform, runId));
            Instant instant = Instant.now();
            kill(platform, kill.target());
            if (kill.target() != KillPlan.Target.SUPERVISOR) {
                kills.add(instant); // without its supervisor alone, a slot trains on to the next step boundary
            }
            awaitStepAfter(connection, stored, runId, instant);
        }
        RunView end = RunView.awaitEnd(connection, runId, PATIENCE);
        List<Double> recoverySeconds = new ArrayList<>();
        for (Instant instant : kills) {
            stored.firstStepAfter(runId, instant)
                    .ifPresent(first ->
                            recoverySeconds.add(Duration.between(instant, first).toMillis() / 1e3));
        }
        return new Outcome(runId, plan, doing, recoverySeconds, String.valueOf(end.stateDigest()), verdict.of(runId));
    }

    /** Lets a run train for a while, or to its end. */
    private static void waitFor(Connection connection, String runId, Duration delay) throws Exception {
        Instant until = Instant.now().plus(delay);
        while (Instant.now().isBefore(until) && !RunView.load(connection, runId).isTerminal()) {
            LockSupport.parkNanos(Math.min(
                    50_000_000,
                    Math.max(1, Duration.between(Instant.now(), until).toNanos())));
        }
    }

    private static void awaitStepAfter(Connection connection, StoredPoints stored, String runId, Instant instant) {
        Awaitility.await("a step of " + runId + " after the kill")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> stored.firstStepAfter(runId, instant).isPresent()
                        || RunView.load(connection, runId).isTerminal());
    }

    private static void kill(Platform platform, KillPlan.Target target) {
        ProcessHandle supervisor = platform.process(PartName.WORKER).orElse(null);
        if (supervisor == null) {
            return; // it is being started again
        }
        List<ProcessHandle> slots = supervisor.descendants().toList();
        if (target != KillPlan.Target.SLOT) {
            supervisor.destroyForcibly();
        }
        if (target != KillPlan.Target.SUPERVISOR) {
            slots.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static String line(Outcome outcome) {
        StringBuilder kills = new StringBuilder();
        for (int i = 0; i < outcome.landed(); i++) {
            KillPlan.Kill kill = outcome.plan().kills().get(i);
            kills.append(String.format(
                    "%s+%.1fs/%s ",
                    kill.target().name().toLowerCase(Locale.ROOT),
                    kill.delay().toMillis() / 1e3,
                    outcome.doing().get(i).name().toLowerCase(Locale.ROOT)));
        }
        StringBuilder recoveries = new StringBuilder();
        outcome.recoverySeconds().forEach(seconds -> recoveries.append(String.format("%.1f ", seconds)));
        return String.format(
                "%-14s  %-64s  %-16s  %s  %s",
                outcome.runId(),
                kills,
                recoveries,
                outcome.digest().substring(0, Math.min(12, outcome.digest().length())),
                outcome.verdict());
    }

    private static void report(List<Outcome> outcomes, String reference) throws IOException {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format("%-14s  %-64s  %-16s  %-12s  %s%n", "run", "kills", "back after s", "digest", "verdict"));
        outcomes.forEach(outcome -> table.append(line(outcome)).append('\n'));
        List<Double> recoveries = recoveries(outcomes);
        Map<Doing, Long> kills = outcomes.stream()
                .flatMap(outcome -> outcome.doing().stream())
                .collect(Collectors.groupingBy(doing -> doing, TreeMap::new, Collectors.counting()));
        table.append(String.format(
                "%s: %d runs, kills %s, undisturbed digest %s; seconds from kill to the end of the next step: median %.1f, greatest %.1f%n",
                METHOD,
                outcomes.size(),
                kills,
                reference.substring(0, 12),
                median(recoveries),
                Collections.max(recoveries)));
        System.out.println(table);
        Files.writeString(Path.of("target/chaos-report.txt"), table);
    }

    private static List<Double> recoveries(List<Outcome> outcomes) {
        List<Double> all = new ArrayList<>();
        outcomes.forEach(outcome -> all.addAll(outcome.recoverySeconds()));
        all.sort(null);
        return all;
    }

    private static double median(List<Double> sorted) {
        int n = sorted.size();
        return n == 0 ? Double.NaN : 0.5 * (sorted.get((n - 1) / 2) + sorted.get(n / 2));
    }
}
