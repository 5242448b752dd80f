package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.StackOptions;

/**
 * A short run, once for every instant at which a crash could matter: the slot's process, and then the supervisor's, halts
 * right before or right after its n-th durable effect (file write, sync, rename, SQL commit, HTTP send). Every run ends as an
 * undisturbed one. {@code chaos.stride} above 1 tries every so many instants only; {@code chaos.slot.from} and
 * {@code chaos.supervisor.from} go on where an earlier run stopped.
 */
@Tag("chaos")
class ITEveryInstant {
    private static final int STRIDE = Integer.getInteger("chaos.stride", 1);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Which process halts, by which switch, and where it writes the number of its instants. */
    private enum Victim {
        SLOT("perdura.test.haltAt", "slot-0/instants"),
        SUPERVISOR("perdura.test.supervisorHaltAt", "instants");

        private final String property;
        private final String countFile;
        private final long from;

        Victim(String property, String countFile) {
            this.property = property;
            this.countFile = countFile;
            this.from = Long.getLong("chaos." + name().toLowerCase(Locale.ROOT) + ".from", 0);
        }
    }

    private final List<String> differing = new ArrayList<>();

    /** Stays when the test fails: logs, databases and checkpoints are in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path home;

    @Test
    void aCrashAtAnyDurableEffectChangesNothing() throws Exception {
        StackOptions options = new StackOptions(
                StackOptions.Temporal.REAL, StackOptions.Mlflow.LOCAL, StackOptions.Worker.NONE, List.of(), Map.of());
        try (Platform platform = Platform.start(home, options);
                Connection connection = platform.connect()) {
            Path data = home.resolve("mimic");
            TinyRun.writeData(platform, data);
            Submission submission = new Submission(platform, TinyRun.writeSpec(home.resolve("short.yaml"), data, 1, 6));
            Path counted = home.resolve("counted");
            undisturbed(platform, connection, submission, home.resolve("ingesting")); // later runs find the data set
            Verdict verdict = undisturbed(platform, connection, submission, counted);
            for (Victim victim : Victim.values()) {
                long instants = Long.parseLong(
                        Files.readString(counted.resolve(victim.countFile)).trim());
                System.out.printf("%s: %d instants%n", victim.name().toLowerCase(Locale.ROOT), instants);
                for (long instant = victim.from; instant < instants; instant += STRIDE) {
                    halt(platform, connection, submission, verdict, victim, instant);
                }
            }
        }
        assertThat(differing).isEmpty();
    }

    private static Verdict undisturbed(Platform platform, Connection connection, Submission submission, Path workDir)
            throws IOException, InterruptedException, java.sql.SQLException {
        try (WorkerProcess worker =
                WorkerProcess.start(platform, workDir, List.of("-Dperdura.test.countInstants=true"))) {
            String runId = submission.submit();
            RunView expected = RunView.awaitEnd(connection, runId, PATIENCE);
            assertThat(expected.status()).isEqualTo("FINISHED");
            Verdict verdict = new Verdict(platform, connection, runId);
            assertThat(verdict.of(runId)).isEqualTo(Verdict.SAME);
            assertThat(worker.terminate(Duration.ofSeconds(30))).isZero();
            return verdict;
        }
    }

    private void halt(
            Platform platform,
            Connection connection,
            Submission submission,
            Verdict verdict,
            Victim victim,
            long instant)
            throws Exception {
        Path workDir = platform.home().resolve("halted");
        String found;
        String runId;
        try (WorkerProcess worker =
                WorkerProcess.start(platform, workDir, List.of("-D" + victim.property + "=" + instant))) {
            runId = submission.submit();
            if (victim == Victim.SUPERVISOR) {
                StoredPoints stored = new StoredPoints(connection); // it may die after the run's end, telling MLflow
                worker.awaitDeathOr(
                        () -> RunView.load(connection, runId).isTerminal() && stored.isDelivered(runId), PATIENCE);
            }
            try (WorkerProcess next = worker.isAlive() ? worker : WorkerProcess.start(platform, workDir, List.of())) {
                RunView.awaitEnd(connection, runId, PATIENCE);
                found = verdict.of(runId);
                assertThat(next.isAlive()).isTrue();
            }
        }
        System.out.printf("%s halted at instant %d: %s%n", victim.name().toLowerCase(Locale.ROOT), instant, found);
        if (!found.equals(Verdict.SAME)) {
            differing.add(victim + " " + instant + " " + runId + ": " + found);
        }
    }
}
