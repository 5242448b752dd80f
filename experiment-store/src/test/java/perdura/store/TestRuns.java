package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.store.TestingStore.RUN;
import static perdura.store.TestingStore.commit;
import static perdura.store.TestingStore.newRun;

import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Events.Event;

@ExtendWith(TestingPostgres.class)
class TestRuns {
    @Test
    void aNewRunIsScheduledAndKeepsItsSpecToTheByte(TestingStore store) {
        String spec = "{\"b\":1,\"a\":1.50,\"text\":\"é\\\"\"}";
        new Runs(store.database()).createRun(newRun(RUN, spec, "h"));

        Run run = new Runs(store.database()).loadRun(RUN);

        assertThat(run.identity().spec()).isEqualTo(spec);
        assertThat(run.status()).isEqualTo(RunStatus.SCHEDULED);
        assertThat(run.progress().position()).isEqualTo(Position.START);
        assertThat(run.binding().fence()).isZero();
        assertThat(run.progress().totalSteps()).isNull();
        assertThat(run.binding().threads()).isNull();
        assertThat(run.progress().live()).isNull();
    }

    @Test
    void creatingTheSameRunAgainDoesNothing(TestingStore store) throws SQLException {
        store.createRun(RUN);
        new Runs(store.database()).startRun(RUN);
        store.createRun(RUN);

        assertThat(new Runs(store.database()).loadRun(RUN).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(store.list("SELECT name FROM param WHERE kind = 'PARAM' ORDER BY ordinal"))
                .containsExactly("optimizer.lr", "batch");
        assertThat(store.list("SELECT kind FROM outbox ORDER BY id")).containsExactly("PARAMS", "STATUS", "STATUS");
    }

    @Test
    void anotherSpecUnderAKnownIdIsRefused(TestingStore store) {
        store.createRun(RUN);

        assertCode(
                ErrorCode.INVALID_SPEC,
                () -> new Runs(store.database()).createRun(newRun(RUN, "{}", "h2")),
                "h1",
                "h2");
    }

    @Test
    void aMissingRunIsTold(TestingStore store) {
        store.createRun(new RunId("prior-tiny-a"));
        store.createRun(new RunId("prior-tiny-b"));
        store.createRun(new RunId("zzzzzzzzzzzzz"));
        Runs runs = new Runs(store.database());
        RunId missing = new RunId("prior-tiny-c");

        assertThat(runs.findRun(missing)).isEmpty();
        assertCode(ErrorCode.NOT_FOUND, () -> runs.loadRun(missing), "prior-tiny-c", "prior-tiny-a, prior-tiny-b");
        assertCode(ErrorCode.NOT_FOUND, () -> runs.startRun(missing));
        assertCode(ErrorCode.NOT_FOUND, () -> runs.markPaused(missing, true));
        assertCode(ErrorCode.NOT_FOUND, () -> runs.finishRun(missing, RunStatus.FINISHED, null, null));
        assertCode(ErrorCode.NOT_FOUND, () -> runs.recordPlan(missing, "d", 1));
        assertCode(ErrorCode.NOT_FOUND, () -> runs.bindThreads(missing, 1));
        assertCode(ErrorCode.NOT_FOUND, () -> store.claim(missing));
        assertCode(
                ErrorCode.NOT_FOUND,
                () -> new Artifacts(store.database()).addArtifact(missing, "a", URI.create("file:///a")));
    }

    @Test
    void runsAreListedNewestFirst(TestingStore store) {
        for (int i = 1; i <= 4; i++) {
            store.createRun(new RunId("run-" + i));
        }
        Runs runs = new Runs(store.database());
        runs.startRun(new RunId("run-2"));
        runs.startRun(new RunId("run-3"));

        assertThat(ids(runs.listRuns(null, null, 3))).containsExactly("run-4", "run-3", "run-2");
        assertThat(ids(runs.listRuns("tests", RunStatus.RUNNING, 10))).containsExactly("run-3", "run-2");
        assertThat(ids(runs.listRuns("other", null, 10))).isEmpty();
    }

    private static List<String> ids(List<Run> runs) {
        return runs.stream().map(run -> run.runId().value()).toList();
    }

    @Test
    void statusesFollowTheLifeOfARun(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());
        runs.startRun(RUN);
        runs.finishRun(RUN, RunStatus.FAILED, "OUT_OF_MEMORY", "too big");
        runs.finishRun(RUN, RunStatus.FAILED, "OUT_OF_MEMORY", "too big");
        Run failed = runs.loadRun(RUN);
        runs.startRun(RUN);
        Run resumed = runs.loadRun(RUN);
        runs.finishRun(RUN, RunStatus.FINISHED, null, null);
        runs.finishRun(RUN, RunStatus.KILLED, null, null);
        runs.startRun(RUN);
        Run finished = runs.loadRun(RUN);

        assertThat(failed.outcome().errorCode()).isEqualTo("OUT_OF_MEMORY");
        assertThat(failed.outcome().endedAt()).isNotNull();
        assertThat(resumed.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(resumed.outcome().errorCode()).isNull();
        assertThat(resumed.outcome().endedAt()).isNull();
        assertThat(resumed.outcome().startedAt()).isEqualTo(failed.outcome().startedAt());
        assertThat(finished.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(store.list("SELECT status FROM outbox WHERE kind = 'STATUS' ORDER BY id"))
                .containsExactly("SCHEDULED", "RUNNING", "FAILED", "RUNNING", "FINISHED");
        assertThatThrownBy(() -> runs.finishRun(RUN, RunStatus.RUNNING, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RUNNING");
    }

    @Test
    void pausingLeavesAnEventOnce(TestingStore store) {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());
        runs.markPaused(RUN, true);
        runs.markPaused(RUN, true);
        assertThat(runs.loadRun(RUN).progress().paused()).isTrue();
        runs.markPaused(RUN, false);

        assertThat(runs.loadRun(RUN).progress().paused()).isFalse();
        assertThat(new Events(store.database()).listEvents(RUN))
                .extracting(Event::kind)
                .containsExactly("PAUSED", "RESUMED");
    }

    @Test
    void otherDataUnderARunIsRefused(TestingStore store) {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());
        runs.recordPlan(RUN, "data-1", 100);
        runs.recordPlan(RUN, "data-1", 100);

        assertCode(ErrorCode.DATA_CHANGED, () -> runs.recordPlan(RUN, "data-2", 100), "data-1", "data-2");
        assertThat(runs.loadRun(RUN).binding().dataDigest()).isEqualTo("data-1");
        assertThat(runs.loadRun(RUN).progress().totalSteps()).isEqualTo(100L);
    }

    @Test
    void theFirstThreadCountBinds(TestingStore store) {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());

        assertThat(runs.bindThreads(RUN, 2)).isEqualTo(2);
        assertThat(runs.bindThreads(RUN, 8)).isEqualTo(2);
        assertThat(runs.loadRun(RUN).binding().threads()).isEqualTo(2);
    }

    @Test
    void onlyTheNewestAttemptReportsProgress(TestingStore store) {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());
        long old = store.claim(RUN).fence();
        runs.reportLive(RUN, old, 7, 1.5, null);
        Run.Live first = Objects.requireNonNull(runs.loadRun(RUN).progress().live());
        long newest = store.claim(RUN).fence();
        runs.reportLive(RUN, old, 9, 1.5, 0.1);

        assertThat(first.step()).isEqualTo(7);
        assertThat(first.loss()).isNull();
        assertThat(runs.loadRun(RUN).progress().live()).isNull();
        runs.reportLive(RUN, newest, 8, 2.5, Double.NaN);
        assertThat(Objects.requireNonNull(runs.loadRun(RUN).progress().live()).loss())
                .isNaN();
    }

    @Test
    void attemptsEndOnceAndFailuresAreCountedSinceTheLastCommit(TestingStore store) {
        store.createRun(RUN);
        Attempts attempts = new Attempts(store.database());
        assertThat(attempts.findNewest(RUN)).isEmpty();
        long first = store.claim(RUN).fence();
        attempts.endAttempt(RUN, first, "WORKER_DIED", "exit code 137");
        attempts.endAttempt(RUN, first, "COMPLETED", null);
        store.claim(RUN); // dies without a word
        long third = store.claim(RUN).fence();

        assertThat(attempts.countFailuresSinceCommit(RUN)).isEqualTo(2);
        assertThat(attempts.listAttempts(RUN))
                .extracting(attempt -> attempt.end().outcome())
                .containsExactly("WORKER_DIED", null, null);

        new Commits(store.database()).publish(commit(RUN, third, 0, 10));
        attempts.endAttempt(RUN, third, "WORKER_DIED", null);
        assertThat(attempts.countFailuresSinceCommit(RUN)).isZero();
        attempts.endAttempt(RUN, store.claim(RUN).fence(), "PREEMPTED", null);
        assertThat(attempts.countFailuresSinceCommit(RUN)).isZero();
        attempts.endAttempt(RUN, store.claim(RUN).fence(), "STALLED", null);
        assertThat(attempts.countFailuresSinceCommit(RUN)).isEqualTo(1);
        assertThat(attempts.findNewest(RUN).orElseThrow().fromStep()).isEqualTo(10);
    }

    @Test
    void aClaimIsToldOnlyIfItTakesARunOver(TestingStore store) {
        store.createRun(RUN);
        Attempts attempts = new Attempts(store.database());
        attempts.endAttempt(RUN, store.claim(RUN).fence(), "COMPLETED", null);
        store.claim(RUN); // the next segment, which dies without a word
        attempts.endAttempt(RUN, store.claim(RUN).fence(), "WORKER_DIED", null);
        store.claim(RUN);

        assertThat(new Events(store.database()).listEvents(RUN))
                .filteredOn(event -> event.kind().equals("CLAIMED"))
                .extracting(Event::detail)
                .satisfiesExactly(
                        third -> assertThat(third).contains("attempt 3 ", "after one that fell silent"),
                        fourth -> assertThat(fourth).contains("attempt 4 ", "after WORKER_DIED"));
    }

    @Test
    void anArtifactUnderTheSamePathReplacesTheOldOne(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Artifacts artifacts = new Artifacts(store.database());
        artifacts.addArtifact(RUN, "crash/log", Path.of("/a").toUri());
        artifacts.addArtifact(RUN, "crash/log", Path.of("/b").toUri());

        assertThat(store.list("SELECT uri FROM artifact")).containsExactly("file:///b");
        assertThatThrownBy(() -> artifacts.addArtifact(RUN, "x", URI.create("http://host/x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://host/x");
        for (String wrong : List.of("", "/a", "a/", "../a", "a/../b", "a#b", "a?b")) {
            assertThatThrownBy(() ->
                            artifacts.addArtifact(RUN, wrong, Path.of("/a").toUri()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was " + wrong);
        }
    }

    @Test
    void eventsBelongToARunOrToNone(TestingStore store) throws SQLException {
        store.createRun(RUN);
        Events events = new Events(store.database());
        events.record(null, "STARTED", "the worker started");
        events.record(RUN, "WORKER_DIED", "exit code 137");

        assertThat(events.listEvents(RUN)).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo("WORKER_DIED");
            assertThat(event.detail()).isEqualTo("exit code 137");
        });
        assertThat(store.list("SELECT count(*) FROM event")).containsExactly("2");
    }

    private static void assertCode(ErrorCode code, Runnable action, String... words) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(PerduraException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(List.of(words)).allSatisfy(word -> assertThat(e).hasMessageContaining(word));
        });
    }
}
