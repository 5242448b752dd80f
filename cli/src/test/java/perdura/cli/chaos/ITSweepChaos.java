package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackOptions;

/**
 * Sweeps that are paused, stopped, cancelled and extended while, within the same second, a slot, its supervisor or the Temporal server
 * is killed. Every trial is FINISHED in the end, with all its steps, and none has failed on the way. Parameters:
 * {@code chaos.runs}, {@code chaos.seed}.
 */
@Tag("chaos")
class ITSweepChaos {
    private static final int RUNS = Integer.getInteger("chaos.runs", 30);
    private static final long SEED = Long.getLong("chaos.seed", 1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int EPOCHS = 3;
    private static final int STEPS = 20;

    /** Stays when the test fails: logs, databases and checkpoints are in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path home;

    /** What a sweep is told, and the status by which it is known to have been told. */
    private enum Verb {
        PAUSE("PAUSED", "PAUSED"),
        STOP("STOPPING", "STOPPED"),
        CANCEL("CANCELLING", "CANCELLED"),
        EXTEND("RUNNING", "RUNNING");

        private final String told;
        private final String settled;

        Verb(String told, String settled) {
            this.told = told;
            this.settled = settled;
        }
    }

    private enum Target {
        SLOT,
        SUPERVISOR,
        BOTH,
        TEMPORAL
    }

    @Test
    void steeredAndKilledAtOnceEverySweepFinishesAsOneLeftAlone() throws Exception {
        StackOptions options = new StackOptions(
                StackOptions.Temporal.REAL,
                StackOptions.Mlflow.NONE,
                StackOptions.Worker.LOCAL,
                List.of("cpu"),
                Map.of());
        List<String> lines = new ArrayList<>();
        try (Platform platform = Platform.start(home, options);
                Connection connection = platform.connect()) {
            Random random = new Random(SEED);
            for (int run = 1; run <= RUNS; run++) {
                lines.add(disturb(platform, connection, run, random));
                System.out.println(lines.get(lines.size() - 1));
            }
        }
        Files.writeString(Path.of("target/sweep-chaos-report.txt"), String.join("\n", lines) + "\n");
    }

    /** The values of each run differ from those of the others, since finished trials would be shared. */
    private static String values(int run, int trials) {
        List<String> values = new ArrayList<>();
        for (int trial = 0; trial < trials; trial++) {
            values.add(String.format(Locale.ROOT, "0.%03d%d", run, trial + 1));
        }
        return values.toString();
    }

    private String disturb(Platform platform, Connection connection, int run, Random random) throws Exception {
        Verb verb = Verb.values()[random.nextInt(Verb.values().length)];
        Target target = Target.values()[random.nextInt(Target.values().length)];
        Duration offset = Duration.ofMillis(random.nextInt(1500) - 200);
        String sweep = submit(platform, "chaos" + run, values(run, 3));
        await("a trial of " + sweep + " runs", () -> count(connection, RUNNING, sweep) > 0);

        String[] command = verb == Verb.EXTEND
                ? new String[] {
                    "sweep",
                    "extend",
                    sweep,
                    "-f",
                    file("chaos" + run, values(run, 4)).toString()
                }
                : new String[] {"sweep", verb.name().toLowerCase(Locale.ROOT), sweep};
        CompletableFuture<Void> told = CompletableFuture.runAsync(() -> tell(platform, verb, sweep, command));
        int trials = verb == Verb.EXTEND ? 4 : 3;
        if (offset.isNegative()) {
            kill(platform, target);
        }
        await(
                sweep + " is told",
                () -> verb == Verb.EXTEND
                        ? count(connection, TRIALS, sweep) == 4
                        : List.of(verb.told, verb.settled).contains(status(connection, sweep)));
        Instant instant = Instant.now();
        if (!offset.isNegative()) {
            LockSupport.parkNanos(offset.toNanos());
            kill(platform, target);
        }
        told.join();
        if (verb != Verb.EXTEND) {
            awaitStatus(connection, sweep, List.of(verb.settled, "FINISHED"));
            await("nothing of " + sweep + " runs", () -> count(connection, ASSIGNED, sweep) == 0);
            if (!status(connection, sweep).equals("FINISHED")) {
                resume(platform, sweep);
            }
        }
        awaitStatus(connection, sweep, List.of("FINISHED"));
        String line = String.format(
                Locale.ROOT,
                "%-10s %-7s %-10s %+5d ms, finished after %4.1f s",
                sweep,
                verb,
                target,
                offset.toMillis(),
                Duration.between(instant, Instant.now()).toMillis() / 1e3);
        assertThat(list(connection, "SELECT status FROM run WHERE parent_run_id = ?", sweep))
                .as(line)
                .hasSize(trials)
                .containsOnly("FINISHED");
        assertThat(list(connection, "SELECT step FROM run WHERE parent_run_id = ?", sweep))
                .as(line)
                .containsOnly(String.valueOf(EPOCHS * STEPS));
        assertThat(list(connection, FAILED_ON_THE_WAY, sweep)).as(line).isEmpty();
        return line;
    }

    private static final String RUNNING = """
            SELECT count(*) FROM sweep_trial JOIN trial USING (trial_key) JOIN run USING (run_id) JOIN attempt a USING (run_id)
            WHERE run.status = 'RUNNING' AND a.live_step > 0 AND sweep_id = ?
            """;
    private static final String ASSIGNED = "SELECT count(*) FROM sweep_trial WHERE state = 'ASSIGNED' AND sweep_id = ?";
    private static final String TRIALS = "SELECT count(*) FROM sweep_trial WHERE sweep_id = ?";
    private static final String FAILED_ON_THE_WAY = """
            SELECT o.run_id FROM outbox o JOIN run r USING (run_id)
            WHERE o.kind = 'STATUS' AND o.status = 'FAILED' AND r.parent_run_id = ?
            """;

    /** A command that comes while a server is away is given again, unless the sweep has ended meanwhile. */
    private static void tell(Platform platform, Verb verb, String sweep, String... command) {
        Awaitility.await(sweep + " is told to " + verb).atMost(PATIENCE).until(() -> {
            if (failure(platform, command) == null) {
                return true;
            }
            try (Connection own = platform.connect()) {
                return List.of("FINISHED", "STOPPED", "CANCELLED").contains(status(own, sweep));
            }
        });
    }

    private static void resume(Platform platform, String sweep) {
        Awaitility.await(sweep + " is resumed")
                .atMost(PATIENCE)
                .until(() -> failure(platform, "sweep", "resume", sweep) == null);
    }

    private static @Nullable Throwable failure(Platform platform, String... command) {
        try {
            platform.run(command);
            return null;
        } catch (IOException | InterruptedException e) {
            return e;
        }
    }

    private static void kill(Platform platform, Target target) {
        if (target == Target.TEMPORAL) {
            platform.process(PartName.TEMPORAL).ifPresent(ProcessHandle::destroyForcibly);
            return;
        }
        platform.process(PartName.WORKER).ifPresent(supervisor -> {
            List<ProcessHandle> slots = supervisor.descendants().toList();
            if (target != Target.SLOT) {
                supervisor.destroyForcibly();
            }
            if (target != Target.SUPERVISOR) {
                slots.forEach(ProcessHandle::destroyForcibly);
            }
        });
    }

    private String submit(Platform platform, String name, String values) throws Exception {
        return platform.run(
                        "sweep", "submit", "--detach", "-f", file(name, values).toString())
                .strip();
    }

    private Path file(String name, String values) throws IOException {
        return Files.writeString(home.resolve(name + ".yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: %s
                task: no-op
                base: {epochs: %d, steps: %d, sleepMillis: 100}
                matrix: {value: %s}
                objective: {metric: score, goal: max}
                """.formatted(name, EPOCHS, STEPS, values));
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private static void await(String what, Condition condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(condition::holds);
    }

    private static void awaitStatus(Connection connection, String sweep, List<String> statuses) {
        await(sweep + " is " + statuses, () -> statuses.contains(status(connection, sweep)));
    }

    private static String status(Connection connection, String sweep) throws SQLException {
        return list(connection, "SELECT status FROM sweep WHERE sweep_id = ?", sweep)
                .get(0);
    }

    private static long count(Connection connection, String sql, String sweep) throws SQLException {
        return Long.parseLong(list(connection, sql, sweep).get(0));
    }

    private static List<String> list(Connection connection, String sql, String argument) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, argument);
            List<String> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
            return rows;
        }
    }
}
