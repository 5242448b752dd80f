package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.sweep.SweepFollower;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialState;
import perdura.store.Events;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;

/** All commands count the trials of a sweep alike, in the same words, and the counts add up to its trials. */
class TestSweepCounts {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern COUNT = Pattern.compile("(\\d+) (finished|running|held|pending|failed|killed)");
    private static final Pattern PLANNED = Pattern.compile("(?m)^ +(\\d+)  ");

    @TempDir
    private static Path folder;

    @SuppressWarnings("NullAway.Init") // see start
    private static SteeredThings things;

    @BeforeAll
    static void start() {
        things = new SteeredThings(folder);
    }

    @AfterAll
    static void stop() {
        things.close();
    }

    private RecordingTerminal run(String... arguments) {
        RecordingTerminal terminal = things.terminal();
        assertThat(terminal.run(arguments)).as(terminal.err()).isZero();
        return terminal;
    }

    private static Map<String, Long> counts(String text) {
        Map<String, Long> counts = new TreeMap<>();
        for (Matcher count = COUNT.matcher(text); count.find(); ) {
            counts.put(count.group(2), Long.valueOf(count.group(1)));
        }
        return counts;
    }

    private static Map<String, Long> counts(JsonNode json) {
        Map<String, Long> counts = new TreeMap<>();
        json.properties()
                .forEach(one -> counts.put(
                        one.getKey().toLowerCase(Locale.ROOT), one.getValue().asLong()));
        return counts;
    }

    @Test
    void listLeaderboardWatchAndReportTellTheSame() throws IOException {
        for (State[] states : List.of(
                new State[] {State.HELD, State.FINISHED},
                new State[] {State.HELD, State.RUNNING},
                new State[] {State.RUNNING, State.RUNNING},
                new State[] {State.PENDING, State.PAUSED},
                new State[] {State.FAILED, State.FINISHED},
                new State[] {State.KILLED, State.CANCELLED})) {
            Thing trial = things.make(Kind.TRIAL, states[0], states[1]);
            String sweep = trial.ownSweep().id();

            JsonNode listed =
                    JSON.readTree(run("sweep", "list", "--json").out()).get(0);
            Map<String, Long> wanted = counts(listed.get("counts"));

            assertThat(listed.get("sweepId").asText()).isEqualTo(sweep);
            assertThat(wanted.values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(listed.get("trials").asLong())
                    .isEqualTo(3);
            assertThat(wanted).containsKey(states[0].name().toLowerCase(Locale.ROOT));
            String line = run("sweep", "list").out().lines().skip(1).findFirst().orElseThrow();
            assertThat(counts(line)).isEqualTo(wanted);
            assertThat(counts(
                            run("leaderboard", sweep).err().lines().findFirst().orElseThrow()))
                    .isEqualTo(wanted);
            assertThat(counts(JSON.readTree(run("leaderboard", sweep, "--json").out())
                            .get("counts")))
                    .isEqualTo(wanted);
            assertThat(counts(SweepFollower.headline(
                            new Sweeps(things.database()), new SweepResults(things.database()), sweep)))
                    .isEqualTo(wanted);
            assertThat(run("runs", "show", trial.id()).out())
                    .contains(sweep + ", " + states[0].name().toLowerCase(Locale.ROOT));
            assertThat(run("compare", trial.id()).out())
                    .contains(", " + states[0].name().toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void whatWaitsForASlotIsPendingAndNotRunning() {
        Thing trial = things.make(Kind.TRIAL, State.RUNNING, State.RUNNING);
        String sweep = trial.ownSweep().id();
        SweepResults results = new SweepResults(things.database());
        RunId run = new RunId(trial.id());
        assertThat(results.count(sweep)).containsEntry(TrialState.RUNNING, 1L).containsEntry(TrialState.PENDING, 2L);
        assertThat(results.listRunning(sweep)).hasSize(1);

        String key = things.giveOutAgain(sweep); // and no slot has it yet

        assertThat(results.count(sweep)).containsEntry(TrialState.PENDING, 3L).doesNotContainKey(TrialState.RUNNING);
        assertThat(results.listRunning(sweep)).isEmpty();
        assertThat(new SweepTrials(things.database()).begin(sweep, key)).hasValue(run);
        assertThat(results.count(sweep)).containsEntry(TrialState.RUNNING, 1L);
        assertThat(results.listRunning(sweep)).hasSize(1);
    }

    @Test
    @Timeout(60)
    void watchingTellsOnceWhichDiskIsFull() throws InterruptedException {
        Thing trial = things.make(Kind.TRIAL, State.RUNNING, State.RUNNING);
        String sweep = trial.ownSweep().id();
        String told = "the disk /data is full: 0.1 MB free under /data/store, the next checkpoint needs 9.0 MB";
        Events events = new Events(things.database());
        events.record(new RunId(trial.id()), "DISK_FULL", told);
        RecordingTerminal terminal = things.terminal();
        Thread watching = new Thread(() -> terminal.run("sweep", "watch", sweep));
        watching.start();
        await().until(() -> terminal.err().contains("DISK FULL"));
        events.record(new RunId(trial.id()), "DISK_FULL", told);
        assertThat(SweepFollower.headline(new Sweeps(things.database()), new SweepResults(things.database()), sweep))
                .contains("DISK FULL");

        new SweepControl(things.database()).end(sweep, null);
        watching.join();

        assertThat(terminal.err().lines().filter(told::equals)).hasSize(1);
    }

    @Test
    void thePlanOfAnEndedSweepAddsUpAndCostsNothing() throws IOException {
        Thing trial = things.make(Kind.TRIAL, State.HELD, State.FINISHED);
        String sweep = trial.ownSweep().id();
        String name = sweep.replaceFirst("-1$", "");
        String file = folder.resolve(name + "-3.yaml").toString();

        String text = run("sweep", "plan", "-f", file).out();

        assertThat(planned(text)).containsExactly(1L, 2L);
        assertThat(text)
                .contains("1  held by early stopping, will not run again")
                .contains("2  finished, will not run again")
                .contains("It is " + sweep + ", FINISHED")
                .contains("Cost: none, as nothing is left to run");
        JsonNode json = JSON.readTree(run("sweep", "plan", "-f", file, "--json").out());
        assertThat(sum(json)).isEqualTo(json.get("total").asLong()).isEqualTo(3);
        assertThat(json.at("/cost/deviceTime").asText()).isEqualTo("PT0S");
    }

    @Test
    void afterExtendTheSameFileAddsUp() throws IOException {
        Thing trial = things.make(Kind.TRIAL, State.HELD, State.FINISHED);
        String sweep = trial.ownSweep().id();
        Path longer = things.longerFile(sweep);
        Path other = things.file(sweep.replaceFirst("-1$", ""), 99, 2, ""); // other seeds: it has none of the trials
        for (Path file : List.of(longer, other)) {
            run("sweep", "extend", sweep, "-f", file.toString());
            new SweepControl(things.database()).end(sweep, null);

            JsonNode json = JSON.readTree(
                    run("sweep", "plan", "-f", file.toString(), "--json").out());

            assertThat(sum(json))
                    .as(json.toString())
                    .isEqualTo(json.get("total").asLong());
            assertThat(json.at("/same/sweepId").asText()).isEqualTo(sweep);
            assertThat(json.at("/held").asLong()).isEqualTo(file == longer ? 1 : 0);
            assertThat(json.at("/same/further").asLong()).isEqualTo(file == longer ? 0 : 4);
        }
        assertThat(run("sweep", "plan", "-f", other.toString()).out())
                .contains("It is " + sweep + ", STOPPED, which has 4 further trials of earlier files");
    }

    @Test
    void extendRefusesTheFileOfAnotherSweepAndChangesNothing() throws IOException {
        Thing sweep = things.make(Kind.SWEEP, State.PAUSED, null);
        String own = sweep.id().replaceFirst("-1$", "");
        String text = Files.readString(things.longerFile(sweep.id()));
        Map<String, String> before = things.snapshot(sweep);
        for (String changed :
                List.of(text.replace("name: " + own, "name: another"), text + "experiment: elsewhere\n")) {
            Path file = Files.writeString(folder.resolve("another.yaml"), changed);
            RecordingTerminal terminal = things.terminal();

            assertThat(terminal.run("sweep", "extend", sweep.id(), "-f", file.toString()))
                    .isEqualTo(2);

            assertThat(terminal.err())
                    .contains(file + ": ", sweep.id() + " is the sweep " + own, "name: " + own, "experiment: ")
                    .contains(changed.contains("name: another") ? "the sweep another" : "the experiment elsewhere");
            assertThat(things.snapshot(sweep)).isEqualTo(before);
        }
    }

    private static List<Long> planned(String text) {
        List<Long> counts = new ArrayList<>();
        for (Matcher count = PLANNED.matcher(text); count.find(); ) {
            counts.add(Long.valueOf(count.group(1)));
        }
        return counts;
    }

    private static long sum(JsonNode plan) {
        long sum = 0;
        for (String part : List.of("fresh", "finished", "begun", "held", "running", "failed")) {
            assertThat(plan.get(part).asLong()).as(part).isNotNegative();
            sum += plan.get(part).asLong();
        }
        return sum;
    }
}
