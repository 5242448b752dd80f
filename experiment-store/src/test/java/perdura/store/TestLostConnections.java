package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.store.TestingStore.RUN;
import static perdura.store.TestingStore.commit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunStatus;

@ExtendWith(TestingPostgres.class)
class TestLostConnections {
    @Test
    void aConnectionLostBeforeTheServerSawTheCommitIsUnknownAndNotPublished(TestingStore store) throws IOException {
        store.createRun(RUN);
        Commit commit = commit(RUN, store.claim(RUN).fence(), 0, 10);
        try (CuttingProxy proxy = new CuttingProxy(store.port())) {
            Commits commits = new Commits(store.openThrough(proxy.port()));
            proxy.cutBeforeCommit();

            assertUnknown(commits, commit);

            assertThat(commits.isPublished(commit)).isFalse();
            assertThat(new Commits(store.database()).findLast(RUN)).isEmpty();
        }
    }

    @Test
    void aConnectionLostAfterTheServerCommittedIsUnknownAndPublished(TestingStore store) throws IOException {
        store.createRun(RUN);
        Commit commit = commit(RUN, store.claim(RUN).fence(), 0, 10);
        try (CuttingProxy proxy = new CuttingProxy(store.port())) {
            Commits commits = new Commits(store.openThrough(proxy.port()));
            proxy.cutAfterCommit();

            assertUnknown(commits, commit);

            assertThat(commits.isPublished(commit)).isTrue();
        }
    }

    private static void assertUnknown(Commits commits, Commit commit) {
        assertThatThrownBy(() -> commits.publish(commit))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.COMMIT_UNKNOWN));
    }

    @Test
    void aRetryingPublisherEndsWithOneCommitOnBothSidesOfTheCut(TestingStore store) throws Exception {
        store.createRun(RUN);
        long fence = store.claim(RUN).fence();
        try (CuttingProxy proxy = new CuttingProxy(store.port())) {
            Commits commits = new Commits(store.openThrough(proxy.port()));
            StoreRetry retry = new StoreRetry(Duration.ofSeconds(30));
            proxy.cutBeforeCommit();
            proxy.cutAfterCommit(); // the same COMMIT meets the first cut, the next one the second
            retry.publish(commits, commit(RUN, fence, 0, 10));
            proxy.cutAfterCommit();
            retry.publish(commits, commit(RUN, fence, 10, 20));
        }
        assertThat(store.list("SELECT count(*) FROM metric")).containsExactly("20");
        assertThat(store.list("SELECT count(*) FROM outbox WHERE kind = 'METRICS'"))
                .containsExactly("2");
    }

    @Test
    void aFencedCommitIsNotRetried(TestingStore store) {
        store.createRun(RUN);
        long old = store.claim(RUN).fence();
        store.claim(RUN);

        assertThatThrownBy(() ->
                        StoreRetry.asLongAs(() -> true).publish(new Commits(store.database()), commit(RUN, old, 0, 10)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED));
    }

    @Test
    void aRetryEndsWhenItsCallerMayWaitNoLonger() {
        AtomicInteger waits = new AtomicInteger();
        PerduraException away = new PerduraException(ErrorCode.STORE_UNAVAILABLE, "away");

        assertThatThrownBy(() -> StoreRetry.asLongAs(() -> waits.incrementAndGet() < 3)
                        .run(() -> {
                            throw away;
                        }))
                .isSameAs(away);
        assertThat(waits).hasValue(3);
    }

    @Test
    void aDeadServerIsWaitedForAsLongAsPatienceLasts() throws IOException {
        DatabaseConfig nobody =
                new DatabaseConfig("jdbc:postgresql://localhost:" + freePort() + "/none", "postgres", "secret-word");

        assertThatThrownBy(() -> Database.open(nobody, DurableEffects.counting(), Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE))
                .hasMessageContaining(nobody.jdbcUrl())
                .hasMessageNotContaining("secret-word");
    }

    @Test
    void wrongSettingsAreRefusedAtOnce(TestingStore store) {
        DatabaseConfig noDatabase =
                new DatabaseConfig("jdbc:postgresql://localhost:" + store.port() + "/none", "postgres", "postgres");
        DatabaseConfig noUrl = new DatabaseConfig("localhost", "postgres", "postgres");

        for (DatabaseConfig wrong : List.of(noDatabase, noUrl)) {
            assertThatThrownBy(() -> Database.open(wrong, DurableEffects.counting(), Duration.ofDays(1)))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                    .hasMessageContaining(wrong.jdbcUrl());
        }
    }

    @Test
    void aRestartOfPostgresLosesNoCommit(@TempDir Path folder) throws Exception {
        int port = freePort();
        EmbeddedPostgres postgres = start(folder, port);
        DatabaseConfig config =
                new DatabaseConfig("jdbc:postgresql://localhost:" + port + "/postgres", "postgres", "postgres");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Database database = Database.open(config, DurableEffects.counting(), Duration.ofSeconds(30))) {
            new Runs(database).createRun(TestingStore.newRun(RUN, "{}", "h"));
            long fence = new Attempts(database).claim(RUN, "w", "f").fence();
            Commits commits = new Commits(database);
            commits.publish(commit(RUN, fence, 0, 10));
            postgres.close();

            assertThatThrownBy(() -> commits.publish(commit(RUN, fence, 10, 20)))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE));
            List<Future<?>> waiting = new ArrayList<>();
            waiting.add(thread.submit(
                    () -> new StoreRetry(Duration.ofMinutes(1)).publish(commits, commit(RUN, fence, 10, 20))));
            postgres = start(folder, port);
            waiting.get(0).get();

            assertThat(new Metrics(database).listPoints(RUN, "train/loss", 0)).hasSize(20);
            assertThat(commits.findLast(RUN).orElseThrow().position().step()).isEqualTo(20);
        } finally {
            thread.shutdownNow();
            postgres.close();
        }
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        DatabaseConfig nobody =
                new DatabaseConfig("jdbc:postgresql://localhost:" + freePort() + "/none", "postgres", "postgres");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Database.open(nobody, DurableEffects.counting(), Duration.ofDays(1)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PREEMPTED));

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aSessionThatFallsSilentInATransactionIsEnded(TestingStore store) {
        String timeout = store.database()
                .read(handle -> handle.select("SHOW idle_in_transaction_session_timeout")
                        .mapTo(String.class)
                        .one());
        assertThat(timeout).isEqualTo("15s");
    }

    private static EmbeddedPostgres start(Path folder, int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setPort(port)
                .setServerConfig("fsync", "on")
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void afterAFailOverTheConnectionsToTheOldServerAreNotUsedAgain(TestingStore store) {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());
        store.database().change(handle -> handle.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"));

        assertThatThrownBy(() -> runs.startRun(RUN))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE))
                .hasMessageContaining("25006");

        runs.startRun(RUN);
        assertThat(runs.loadRun(RUN).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void aServerThatOnlyAnswersQuestionsIsFoundOut(TestingStore store) {
        store.database().tryWrite();
        store.database().change(handle -> handle.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"));

        assertThatThrownBy(() -> store.database().tryWrite()).hasMessageContaining("25006");
    }

    @Test
    void anAdministratorWhoEndsAllSessionsCostsOneRepetitionEach(TestingStore store) throws Exception {
        store.createRun(RUN);
        Runs runs = new Runs(store.database());
        store.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");

        new StoreRetry(Duration.ofSeconds(20)).run(() -> runs.startRun(RUN));

        assertThat(runs.loadRun(RUN).status()).isEqualTo(RunStatus.RUNNING);
    }

    @ParameterizedTest
    @CsvSource({
        "25006, true, STORE_UNAVAILABLE", // read-only: a standby
        "57P01, true, STORE_UNAVAILABLE", // the administrator ends the session
        "57P03, true, STORE_UNAVAILABLE", // the server starts
        "53300, true, STORE_UNAVAILABLE", // too many connections
        "08006, true, STORE_UNAVAILABLE",
        "40001, false, STORE_UNAVAILABLE",
        "23505, false, INTERNAL"
    })
    void statesThatAnotherConnectionMayHealAreKnown(String state, boolean useless, ErrorCode code) {
        SQLException e = new SQLException("on demand", state);

        assertThat(SqlFailure.leavesConnectionUseless(e)).isEqualTo(useless);
        assertThat(SqlFailure.beforeCommit(e).code()).isEqualTo(code);
    }
}
