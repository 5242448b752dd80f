package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialState;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.store.Sweeps;
import perdura.testkit.Repository;
import perdura.training.tasks.Tasks;
import perdura.workflows.SweepWorkflow;

/** The sweeps of {@code reference/cases}, each by its workflow and a slot of one worker. Sleeping steps sleep shorter than written. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestSweepCases {
    private TestingPlatform platform;
    private RunningSupervisor worker;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        platform = new TestingPlatform(folder);
        worker = platform.startIngesting("cases");
    }

    @AfterAll
    void stop() throws IOException {
        worker.close();
        platform.close();
    }

    private String submit(String name, String... settings) {
        return platform.submitSweep(Repository.resolve("reference/cases/sweeps/" + name), settings);
    }

    private StoredSweep ended(String sweepId) {
        platform.result(SweepWorkflow.workflowId(sweepId), SweepWorkflow.Result.class);
        return new Sweeps(platform.database()).load(sweepId);
    }

    private Map<TrialState, Long> counts(String sweepId) {
        return new SweepResults(platform.database()).count(sweepId);
    }

    private List<Run> runs(String sweepId) {
        return new SweepResults(platform.database())
                .list(sweepId).stream()
                        .map(TrialRow::runId)
                        .filter(Objects::nonNull)
                        .map(id -> platform.run(new RunId(id)))
                        .toList();
    }

    @Test
    void aTrialOfTooFewPointsForTheRuleFinishesWithATestValue() {
        String sweep = submit("asha12.yaml");

        assertThat(ended(sweep).status()).isEqualTo(SweepStatus.FINISHED);
        assertThat(counts(sweep).get(TrialState.FINISHED)).isPositive();
        assertThat(runs(sweep))
                .filteredOn(run -> run.status() == RunStatus.FINISHED)
                .allSatisfy(
                        run -> assertThat(platform.points(run, "test/score")).hasSize(1));
    }

    /** The clock of the store is put forward by 70 s while the sweep is paused; the budget is the file's, and its first trials show. */
    @Test
    void aPauseIsNotCountedAsWallTime() {
        String sweep = submit("wall.yaml", "base.sleepMillis=10");
        SweepStarter workflows = new SweepStarter(platform.client());
        workflows.signal(sweep, SweepWorkflow::pause);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> new Sweeps(platform.database()).load(sweep).status() == SweepStatus.PAUSED);
        platform.database()
                .write(handle -> handle.execute(
                        "UPDATE sweep SET runs_since = runs_since - interval '70 s',"
                                + " submitted_at = submitted_at - interval '70 s' WHERE sweep_id = ?",
                        sweep));
        workflows.signal(sweep, SweepWorkflow::resume);

        await().atMost(Duration.ofMinutes(1)).until(() -> counts(sweep).getOrDefault(TrialState.FINISHED, 0L) > 0);
        StoredSweep resumed = new Sweeps(platform.database()).load(sweep);
        assertThat(resumed.status()).isEqualTo(SweepStatus.RUNNING);
        SweepSpec spec = SweepJson.read(resumed.identity().spec(), Tasks.load().schemas())
                .spec();
        assertThat(new SweepControl(platform.database()).findSpent(sweep, spec)).isEmpty();
        workflows.signal(sweep, SweepWorkflow::cancel);
        ended(sweep);
    }

    @Test
    void failFastEndsAtTheFirstFailure() {
        String sweep = submit("ff.yaml");

        StoredSweep ended = ended(sweep);

        assertThat(ended.status().isTerminal()).isTrue();
        assertThat(ended.progress().reason()).contains("fail-fast");
        assertThat(counts(sweep)).containsEntry(TrialState.FAILED, 1L).doesNotContainKey(TrialState.FINISHED);
        assertThat(runs(sweep)).hasSize(1);
    }

    @Test
    void aSweepThatSharesTrialsRunsOnlyTheOthersAndLeadsToAll() {
        String first = submit("conc.yaml");
        ended(first);
        String second = submit("share.yaml");
        ended(second);

        List<TrialRow> trials = new SweepResults(platform.database()).list(second);
        assertThat(trials).hasSize(12).extracting(TrialRow::state).containsOnly(TrialState.FINISHED);
        assertThat(trials.stream().filter(trial -> !trial.progress().shared())).hasSize(2);
        List<RunId> runs = runIds(second);
        assertThat(runs).doesNotHaveDuplicates().containsAll(runIds(first));
        for (RunId run : runs) {
            assertThat(platform.attempts(run)).hasSize(1);
            assertThat(platform.database()
                            .list(String.class, "SELECT name FROM param WHERE run_id = ? AND kind = 'TAG'", run))
                    .contains("perdura.sweep." + second);
        }
    }

    private List<RunId> runIds(String sweepId) {
        return runs(sweepId).stream().map(Run::runId).toList();
    }

    @Test
    void whatWasMeasuredBeforeALossThatIsNoNumberIsKeptWithTheReason() {
        String sweep = submit("nan60.yaml", "base.sleepMillis=1");
        ended(sweep);

        List<Run> runs = runs(sweep);
        assertThat(runs).hasSize(1);
        Run failed = runs.get(0);
        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.outcome().errorCode()).isEqualTo("TRAINING_DIVERGED");
        assertThat(failed.outcome().errorMessage()).contains("step 30");
        assertThat(new Metrics(platform.database()).listPoints(failed.runId(), "train/loss", 0))
                .extracting(MetricPoint::step)
                .containsExactlyElementsOf(LongStream.range(0, 30).boxed().toList());
    }
}
