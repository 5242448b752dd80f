package perdura.activities.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Sweeps.NewTrial;
import perdura.testkit.FreshDatabase;
import perdura.training.tasks.NoOpTask;
import perdura.workflows.SweepActivities.AssignedTrials;
import perdura.workflows.SweepActivities.OpenedSweep;
import perdura.workflows.SweepActivities.SweepEnd;
import perdura.workflows.SweepActivities.SweepMark;
import perdura.workflows.SweepActivities.SweepOpening;
import perdura.workflows.SweepActivities.TrialAssignment;
import perdura.workflows.SweepActivities.TrialEnd;
import perdura.workflows.SweepActivities.TrialRelease;
import perdura.workflows.SweepActivities.TrialRequest;

/** What the workflow of a sweep asks, answered by a real store. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestSweepActivities {
    private static final List<TaskSchema> TASKS = List.of(new NoOpTask().schema());

    private Path folder;
    private FreshDatabase postgres;
    private Database database;
    private SweepActivitiesImpl activities;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        activities = new SweepActivitiesImpl(database, TASKS, run -> {});
    }

    @AfterAll
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void opensASweepWithItsSettings() {
        String id = submit(
                "settings",
                5,
                "concurrency: 7, priority: 2, retry: {attempts: 2, backoff: 3s}, budget: {wallTime: 1h}");

        OpenedSweep opened = activities.openSweep(new SweepOpening(id, "e"));

        assertThat(opened.status()).isEqualTo(SweepStatus.RUNNING);
        assertThat(opened.concurrency()).isEqualTo(7);
        assertThat(opened.priority()).isEqualTo(2);
        assertThat(opened.backoffMillis()).isEqualTo(3000);
        assertThat(opened.pending()).isEqualTo(5);
        assertThat(opened.secondsLeft()).isBetween(3400L, 3600L);
    }

    @Test
    void aSweepThatIsNotThereIsNoMatterOfTime() {
        PerduraException failure = catchThrowableOfType(
                PerduraException.class, () -> activities.openSweep(new SweepOpening("nowhere-1", "e")));
        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void trialsThatComeBackAreGivenOutAgainAndFailedOnesAreNot() {
        String id = submit("back", 4, "concurrency: 7");
        List<String> first = keys(assign(id, "q1", 3));
        assertThat(keys(assign(id, "q1", 3))).isEqualTo(first);

        activities.releaseTrials(new TrialRelease(id, "e", first.subList(0, 2)));
        activities.endTrial(new TrialEnd(id, "e", first.get(2), "TRAINING_DIVERGED", "loss is NaN"));

        assertThat(keys(assign(id, "q2", 9))).hasSize(3).containsAll(first.subList(0, 2));
        assertThat(new SweepResults(database).count(id)).containsEntry(TrialState.FAILED, 1L);
    }

    @Test
    void aSweepEndsOnceNothingIsLeft() {
        String id = submit("end", 1, "concurrency: 7");
        assertThat(activities
                        .endSweep(new SweepEnd(id, SweepStatus.FINISHED, ""))
                        .status())
                .isEqualTo(SweepStatus.RUNNING);

        String key = keys(assign(id, "q", 1)).get(0);
        activities.endTrial(new TrialEnd(id, "e", key, "OUT_OF_MEMORY", "too large"));

        assertThat(assign(id, "r", 1).closed()).isTrue();
        assertThat(activities
                        .endSweep(new SweepEnd(id, SweepStatus.FINISHED, ""))
                        .status())
                .isEqualTo(SweepStatus.FINISHED);
    }

    @Test
    void signalsMoveItAndAStopOutranksALaterPause() {
        String id = submit("marks", 2, "concurrency: 7");
        activities.markSweep(new SweepMark(id, SweepStatus.PAUSED, ""));
        assertThat(assign(id, "a", 1).trials()).isEmpty();
        activities.markSweep(new SweepMark(id, SweepStatus.RUNNING, ""));
        assertThat(assign(id, "b", 1).trials()).hasSize(1);
        activities.markSweep(new SweepMark(id, SweepStatus.CANCELLING, ""));
        activities.markSweep(new SweepMark(id, SweepStatus.PAUSED, ""));
        assertThat(stored(id).status()).isEqualTo(SweepStatus.CANCELLING);

        assertThat(activities
                        .endSweep(new SweepEnd(id, SweepStatus.CANCELLED, ""))
                        .status())
                .isEqualTo(SweepStatus.CANCELLED);
    }

    @Test
    void aStopKeepsItsReason() {
        String id = submit("stop", 2, "concurrency: 7");
        activities.markSweep(new SweepMark(id, SweepStatus.STOPPING, "it is late"));

        assertThat(activities
                        .endSweep(new SweepEnd(id, SweepStatus.STOPPED, ""))
                        .status())
                .isEqualTo(SweepStatus.STOPPED);
        assertThat(stored(id).progress().reason()).isEqualTo("it is late");
    }

    @Test
    void aFaultEndsItWithItsReason() {
        String id = submit("fault", 2, "concurrency: 7");

        assertThat(activities
                        .endSweep(new SweepEnd(id, SweepStatus.FAILED, "no column"))
                        .status())
                .isEqualTo(SweepStatus.FAILED);
        assertThat(stored(id).progress().reason()).isEqualTo("no column");
    }

    @Test
    void anExtensionIsReadWithItsNewSpec() {
        String id = submit("more", 1, "concurrency: 7");
        assertThat(assign(id, "a", 9).trials()).hasSize(1);
        SweepSpec wider = spec("more", 3, "concurrency: 7");
        new SweepControl(database)
                .extend(id, new NewSweep(wider, SweepJson.write(wider), "wider"), Map.of(), trials("more", 3));

        assertThat(assign(id, "b", 9).trials()).hasSize(2);
    }

    private AssignedTrials assign(String id, String requester, int atMost) {
        return activities.assign(new TrialRequest(id, "e", requester, atMost));
    }

    private static List<String> keys(AssignedTrials assigned) {
        return assigned.trials().stream().map(TrialAssignment::trialKey).toList();
    }

    private StoredSweep stored(String id) {
        return new Sweeps(database).load(id);
    }

    private String submit(String name, int trials, String settings) {
        SweepSpec spec = spec(name, trials, settings);
        return new Sweeps(database)
                .create(
                        new NewSweep(spec, SweepJson.write(spec), name),
                        id -> new NewRun(
                                id, new Run.Identity("tests", name, RunKind.SWEEP, "{}", name, 1), Map.of(), Map.of()),
                        trials(name, trials));
    }

    private SweepSpec spec(String name, int trials, String settings) {
        try {
            Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                    {apiVersion: perdura/v1, kind: Sweep, name: %s, experiment: tests, task: no-op, %s,
                     matrix: {seeds: {from: 1, count: %d}}, objective: {metric: score, goal: max}}
                    """.formatted(name, settings, trials));
            return SweepReader.read(file, List.of(), TASKS, ReferenceNames.unchecked(), 1000)
                    .spec();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Iterator<NewTrial> trials(String sweep, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new NewTrial(
                        new TrialKey(Sha256.of((sweep + i).getBytes(StandardCharsets.UTF_8))),
                        "no-op",
                        i,
                        "{\"parameters\":{},\"references\":{},\"seed\":\"%d\",\"task\":\"no-op\",\"taskVersion\":1}"
                                .formatted(i),
                        "seed " + i))
                .iterator();
    }
}
