package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackOptions;

/** PRIOR's three stages on the whole stack: killed in each and at both boundaries; begun again at a stage; cleaned. */
class ITStages {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final StackOptions STACK = new StackOptions(
            StackOptions.Temporal.REAL, StackOptions.Mlflow.LOCAL, StackOptions.Worker.LOCAL, List.of("cpu"), Map.of());

    @TempDir
    private Path home;

    @Test
    void stagesEndInTheSameBitsHoweverTheyAreKilledOrBegunAgain() throws Exception {
        Path data = home.resolve("mimic");
        Path spec = TinyRun.writeStages(home.resolve("stages.yaml"), data);
        try (Platform platform = Platform.start(home, STACK);
                Connection connection = platform.connect()) {
            TinyRun.writeData(platform, data);
            Submission submission = new Submission(platform, spec);
            String undisturbed = submission.submit();
            String digest = digest(connection, undisturbed);
            List<Long> ends = stageEnds(connection, undisturbed);
            assertThat(ends).hasSize(3);

            String killed = submission.submit();
            int kills = killInEachStageAndAtBothBoundaries(platform, connection, killed, ends);
            assertThat(digest(connection, killed)).isEqualTo(digest);
            assertThat(kills).isEqualTo(5);
            assertThat(attempts(connection, killed)).isGreaterThanOrEqualTo(1 + kills);
            assertThat(new Verdict(platform, connection, undisturbed).of(killed))
                    .isEqualTo(Verdict.SAME);

            String third = begin(platform, undisturbed, "--from-stage", "3");
            assertThat(digest(connection, third)).isEqualTo(digest);
            String other = begin(platform, undisturbed, "--from-stage", "3", "--set", "stages.2.learningRate=1e-3");
            assertThat(digest(connection, other)).isNotEqualTo(digest);

            platform.run("gc", "--yes", "--home", home.toString());
            String second = begin(platform, undisturbed, "--from-stage", "2");
            assertThat(digest(connection, second)).isEqualTo(digest);
            assertThat(platform.run("runs", "show", second, "--home", home.toString()))
                    .contains("stage 2 begins with the weights of " + undisturbed + " at the end of stage 1, step "
                            + ends.get(0));
        }
    }

    /** Starts a run with the weights of another and returns its id. */
    private String begin(Platform platform, String from, String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("pretrain", "--from", from, "--detach", "--home", home.toString()));
        Stream.of(more).forEach(arguments::add);
        return platform.run(arguments.toArray(String[]::new)).strip();
    }

    private static int killInEachStageAndAtBothBoundaries(
            Platform platform, Connection connection, String runId, List<Long> ends) throws Exception {
        int kills = 0;
        long from = 0;
        for (int stage = 0; stage < 3; stage++) {
            long middle = (from + ends.get(stage)) / 2;
            await(connection, runId, "step " + middle, view -> view.liveStep() >= middle);
            kills += killSlots(platform);
            if (stage < 2) {
                long end = ends.get(stage);
                await(connection, runId, "the end of stage " + (stage + 1), view -> view.step() >= end);
                kills += killSlots(platform);
            }
            from = ends.get(stage);
        }
        return kills;
    }

    private static int killSlots(Platform platform) {
        List<ProcessHandle> slots =
                platform.process(PartName.WORKER).orElseThrow().descendants().toList();
        assertThat(slots).isNotEmpty();
        slots.forEach(ProcessHandle::destroyForcibly);
        return 1;
    }

    private interface Condition {
        boolean holds(RunView view);
    }

    private static void await(Connection connection, String runId, String what, Condition condition) {
        RunView seen = Awaitility.await(what + " of " + runId)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> RunView.load(connection, runId), view -> condition.holds(view) || view.isTerminal());
        assertThat(seen.isTerminal()).as(runId + " has ended before " + what).isFalse();
    }

    private static String digest(Connection connection, String runId) {
        RunView end = RunView.awaitEnd(connection, runId, PATIENCE);
        assertThat(end.status()).as(runId).isEqualTo("FINISHED");
        return String.valueOf(end.stateDigest());
    }

    /** Steps, in order. */
    private static List<Long> stageEnds(Connection connection, String runId) throws SQLException {
        List<Long> steps = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT step FROM checkpoint WHERE run_id = ? AND stage_end ORDER BY step")) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    steps.add(row.getLong(1));
                }
            }
        }
        return steps;
    }

    private static long attempts(Connection connection, String runId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT count(*) FROM attempt WHERE run_id = ?")) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
