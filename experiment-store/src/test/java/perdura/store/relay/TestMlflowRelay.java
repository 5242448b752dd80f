package perdura.store.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static perdura.store.TestingStore.RUN;
import static perdura.store.TestingStore.commit;
import static perdura.store.TestingStore.points;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mlflow.api.proto.Service;
import org.mlflow.tracking.MlflowClient;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.Artifacts;
import perdura.store.Commits;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.TestingPostgres;
import perdura.store.TestingStore;
import perdura.store.relay.TestingMlflow.Fault;

@ExtendWith(TestingPostgres.class)
class TestMlflowRelay {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private TestingMlflow mlflow;

    @BeforeEach
    void start() throws IOException {
        mlflow = new TestingMlflow();
    }

    @AfterEach
    void stop() {
        mlflow.close();
    }

    private MlflowRelay relay(TestingStore store) {
        return new MlflowRelay(store.database(), mlflow.config(), DurableEffects.counting());
    }

    private MlflowRelay.Report drain(TestingStore store) {
        try (MlflowRelay relay = relay(store)) {
            List<Long> left = new ArrayList<>();
            MlflowRelay.Report report = relay.drain(PATIENCE, left::add);
            assertThat(left).as("rows left").allMatch(rows -> rows > 0);
            assertThat(!left.isEmpty() || report.delivered() == 0)
                    .as("told of what it delivered")
                    .isTrue();
            return report;
        }
    }

    /** A run with {@code steps} steps, committed ten at a time, and finished. */
    private static void finishRun(TestingStore store, RunId runId, long steps) {
        store.createRun(runId);
        new Runs(store.database()).startRun(runId);
        long fence = store.claim(runId).fence();
        for (long step = 0; step < steps; step += 10) {
            new Commits(store.database()).publish(commit(runId, fence, step, step + 10));
        }
        new Runs(store.database()).finishRun(runId, RunStatus.FINISHED, null, null);
    }

    @Test
    void aRunArrivesWhollyWithItsStoredTimes(TestingStore store) {
        finishRun(store, RUN, 30);

        MlflowRelay.Report report = drain(store);

        TestingMlflow.Run shown = mlflow.onlyRun();
        Run run = new Runs(store.database()).loadRun(RUN);
        assertThat(report.delivered()).isEqualTo(7);
        assertThat(report.pending()).isZero();
        assertThat(report.parked()).isZero();
        assertThat(report.lastError()).isNull();
        assertThat(shown.points).isEqualTo(shown(points("train/loss", 0, 30)));
        assertThat(shown.params).containsExactly(Map.entry("optimizer.lr", "0.1"), Map.entry("batch", "8"));
        assertThat(shown.tags).containsEntry("perdura.run_key", "run-1").containsEntry("mlflow.user", "tester");
        assertThat(shown.name).isEqualTo("a run");
        assertThat(shown.status).isEqualTo("FINISHED");
        assertThat(shown.startTime).isEqualTo(run.createdAt().toEpochMilli());
        assertThat(shown.endTime)
                .isEqualTo(Objects.requireNonNull(run.outcome().endedAt()).toEpochMilli());
        assertThat(run.mlflow().runId()).isEqualTo("m0");
        assertThat(run.mlflow().experimentId()).isEqualTo("1");
        assertThat(drain(store).delivered()).isZero();
    }

    private static Set<String> shown(List<MetricPoint> points) {
        return points.stream()
                .map(point ->
                        point.key() + " " + point.step() + " " + point.time().toEpochMilli() + " " + point.value())
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"UNAVAILABLE", "CLOSED_BEFORE", "CLOSED_AFTER", "UNAUTHORIZED", "MOVED"})
    void afterAnyFaultThatHealsEachPointIsThereOnce(Fault fault, TestingStore store) {
        finishRun(store, RUN, 20);
        for (String call : List.of("experiments/create", "runs/create", "runs/log-batch", "runs/update")) {
            mlflow.failNext(call, fault);
        }

        MlflowRelay.Report report = drain(store);

        assertThat(report.pending()).isZero();
        assertThat(report.parked()).isZero();
        assertThat(report.lastError()).isNotNull();
        assertThat(mlflow.onlyRun().points).isEqualTo(shown(points("train/loss", 0, 20)));
        assertThat(mlflow.onlyRun().status).isEqualTo("FINISHED");
    }

    /** Why batches go by the client's sendPost, whose answer is looked at. */
    @Test
    void theClientsOwnLogBatchTakesAPageForASuccess(TestingStore store) {
        finishRun(store, RUN, 20);
        drain(store);
        String mlflowRunId = new Runs(store.database()).loadRun(RUN).mlflow().runId();
        mlflow.failNext("runs/log-batch", Fault.MOVED);
        Service.Metric point = Service.Metric.newBuilder()
                .setKey("lost")
                .setValue(1)
                .setTimestamp(1)
                .setStep(1)
                .build();

        try (MlflowClient client = new MlflowClient(mlflow.uri().toString())) {
            assertThatCode(() -> client.logBatch(mlflowRunId, List.of(point), List.of(), List.of()))
                    .doesNotThrowAnyException();
        }

        assertThat(mlflow.onlyRun().points).isEqualTo(shown(points("train/loss", 0, 20)));
    }

    @Test
    void aRaceForTheSameParametersIsRunAgain(TestingStore store) {
        finishRun(store, RUN, 10);
        mlflow.failNext("runs/log-batch", Fault.LOST_RACE, Fault.LOST_RACE);

        MlflowRelay.Report report = drain(store);

        assertThat(report.parked()).isZero();
        assertThat(mlflow.onlyRun().params).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"BAD_PARAMETER", "HTML_PAGE"})
    void aRowThatMlflowRefusesIsSetAsideAndTheRestGoesOn(Fault fault, TestingStore store) {
        finishRun(store, RUN, 30);
        // the parameters; then the three commits together, and the first of them alone
        mlflow.failNext("runs/log-batch", fault, fault, fault);

        MlflowRelay.Report report = drain(store);

        Outbox outbox = new Outbox(store.database());
        assertThat(report.pending()).isZero();
        assertThat(report.parked()).isEqualTo(2);
        assertThat(mlflow.onlyRun().points).isEqualTo(shown(points("train/loss", 10, 30)));
        assertThat(mlflow.onlyRun().status).isEqualTo("FINISHED");
        assertThat(outbox.listParked()).extracting(Outbox.Parked::kind).containsExactly("PARAMS", "METRICS");
        assertThat(outbox.listParked().get(0).reason())
                .contains("runs/log-batch", fault == Fault.HTML_PAGE ? "500" : "400");

        assertThat(outbox.retryParked()).isEqualTo(2);
        assertThat(drain(store).parked()).isZero();
        assertThat(mlflow.onlyRun().points).isEqualTo(shown(points("train/loss", 0, 30)));
    }

    @Test
    void allRowsOfARunThatCannotBeCreatedAreSetAside(TestingStore store) {
        finishRun(store, RUN, 10);
        mlflow.failNext("experiments/create", Fault.BAD_PARAMETER);

        MlflowRelay.Report report = drain(store);

        assertThat(report.pending()).isZero();
        assertThat(report.parked()).isEqualTo(5);
        assertThat(mlflow.runs()).isEmpty();
    }

    @Test
    void whatFollowsOnADeletedRunIsSetAside(TestingStore store) {
        store.createRun(RUN);
        drain(store);
        mlflow.deleteRun("a run");
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 0, 10));

        assertThat(drain(store).parked()).isEqualTo(1);
    }

    @Test
    void aDeletedExperimentIsRestored(TestingStore store) {
        mlflow.deleteExperiment("tests");
        finishRun(store, RUN, 10);

        assertThat(drain(store).parked()).isZero();
        assertThat(mlflow.calls()).contains("experiments/restore");
    }

    @Test
    void aStrayRunUnderOurKeyIsDeleted(TestingStore store) {
        store.createRun(RUN);
        drain(store);
        mlflow.addStray("run-1");
        new Runs(store.database()).finishRun(RUN, RunStatus.KILLED, null, null);

        drain(store);

        assertThat(mlflow.onlyRun().name).isEqualTo("a run");
        assertThat(mlflow.onlyRun().status).isEqualTo("KILLED");
    }

    @Test
    void nanAndInfinitiesTravelAsStrings(TestingStore store) {
        store.createRun(RUN);
        List<MetricPoint> points = List.of(
                new MetricPoint("a", Double.NaN, 0, Instant.EPOCH),
                new MetricPoint("a", Double.POSITIVE_INFINITY, 1, Instant.EPOCH),
                new MetricPoint("a", Double.NEGATIVE_INFINITY, 2, Instant.EPOCH));
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 3, points));

        drain(store);

        assertThat(mlflow.onlyRun().points)
                .containsExactly("a 0 0 \"NaN\"", "a 1 0 \"Infinity\"", "a 2 0 \"-Infinity\"");
    }

    @Test
    void aLongCommitAndManyParametersGoInBatchesThatMlflowTakes(TestingStore store) {
        Map<String, String> params = new LinkedHashMap<>();
        for (int i = 0; i < 250; i++) {
            params.put("p" + i, "é".repeat(6_000));
        }
        new Runs(store.database())
                .createRun(new NewRun(
                        RUN, new Run.Identity("tests", "long", RunKind.PRETRAIN, "{}", "h", 1), params, Map.of()));
        List<MetricPoint> points = new ArrayList<>(points("a", 0, 1_500));
        points.addAll(points("b", 0, 1_500));
        new Commits(store.database()).publish(commit(RUN, store.claim(RUN).fence(), 1_500, points));

        assertThat(drain(store).parked()).isZero();

        assertThat(mlflow.onlyRun().params).hasSize(250);
        assertThat(mlflow.onlyRun().points).hasSize(3_000);
        assertThat(mlflow.largestBatch()).isEqualTo(1_000);
        assertThat(mlflow.calls().stream().filter("runs/log-batch"::equals)).hasSize(4 + 3);
    }

    @Test
    void artifactsAreUploadedAndAMissingFileIsSetAside(TestingStore store, @TempDir Path folder) throws IOException {
        store.createRun(RUN);
        Path file = Files.writeString(folder.resolve("a log.txt"), "crash");
        Artifacts artifacts = new Artifacts(store.database());
        artifacts.addArtifact(RUN, "crash/hs err+1.log", file.toUri());
        artifacts.addArtifact(RUN, "gone.log", folder.resolve("gone.log").toUri());

        MlflowRelay.Report report = drain(store);

        assertThat(mlflow.artifacts()).containsOnlyKeys("1/m0/artifacts/crash/hs err+1.log");
        assertThat(mlflow.artifacts().values()).singleElement().isEqualTo("crash".getBytes(StandardCharsets.UTF_8));
        assertThat(report.parked()).isEqualTo(1);
        assertThat(new Outbox(store.database()).listParked().get(0).reason()).contains("gone.log");
    }

    @Test
    void severalRelaysAtOnceSendEachRunOnce(TestingStore store) throws Exception {
        for (int i = 0; i < 12; i++) {
            finishRun(store, new RunId("run-" + i), 20);
        }
        mlflow.failNext("runs/create", Fault.CLOSED_AFTER, Fault.UNAVAILABLE, Fault.CLOSED_AFTER);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<MlflowRelay.Report>> reports = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                reports.add(threads.submit(() -> drain(store)));
            }
            long delivered = 0;
            for (Future<MlflowRelay.Report> report : reports) {
                delivered += report.get().delivered();
                assertThat(report.get().pending()).isZero();
            }
            assertThat(delivered).isEqualTo(12 * 6);
        } finally {
            threads.shutdownNow();
        }
        assertThat(mlflow.runs()).hasSize(12).allSatisfy(run -> {
            assertThat(run.points).isEqualTo(shown(points("train/loss", 0, 20)));
            assertThat(run.status).isEqualTo("FINISHED");
        });
    }

    @Test
    void theBackgroundRelayDeliversWhatComesAfterMlflowWasAway(TestingStore store) throws IOException {
        int port = mlflow.uri().getPort();
        mlflow.close();
        finishRun(store, RUN, 20);
        try (MlflowRelay relay = new MlflowRelay(
                store.database(),
                new MlflowConfig(URI.create("http://127.0.0.1:" + port + "/"), null, null, null),
                DurableEffects.counting())) {
            assertThat(relay.drain(Duration.ofMillis(100)).pending()).isEqualTo(6);
            relay.start();
            mlflow = new TestingMlflow(port);
            Outbox outbox = new Outbox(store.database());
            while (outbox.countPending() > 0) {
                Thread.onSpinWait();
            }
        }
        assertThat(mlflow.onlyRun().points).hasSize(20);
    }

    @Test
    void aCommitDoesNotWaitForARelayThatWaitsForMlflow(TestingStore store) throws Exception {
        store.createRun(RUN);
        long fence = store.claim(RUN).fence();
        store.database().write(raw -> {
            assertThat(new DeliveryTable(raw).lockDue()).isPresent();

            new Commits(store.database()).publish(commit(RUN, fence, 0, 10));
            new Runs(store.database()).finishRun(RUN, RunStatus.FINISHED, null, null);
            store.createRun(new RunId("other"));

            assertThat(new DeliveryTable(raw).listPending(RUN, 10)).hasSize(4);
            try (MlflowRelay second = relay(store)) {
                second.drain(Duration.ofMillis(200));
            }
            assertThat(mlflow.runs()).hasSize(1); // the other run; this one is taken
            return true;
        });
    }

    @Test
    void credentialsAreSentAndNotShown(TestingStore store) {
        MlflowConfig basic = new MlflowConfig(mlflow.uri(), "ada", "secret-word", null);
        MlflowConfig bearer = new MlflowConfig(mlflow.uri(), null, null, "secret-token");
        store.createRun(RUN);
        try (MlflowRelay relay = new MlflowRelay(store.database(), basic, DurableEffects.counting())) {
            relay.drain(PATIENCE);
        }
        new Runs(store.database()).startRun(RUN);
        mlflow.failNext("runs/update", Fault.UNAUTHORIZED);
        String lastError;
        try (MlflowRelay relay = new MlflowRelay(store.database(), bearer, DurableEffects.counting())) {
            lastError = String.valueOf(relay.drain(PATIENCE).lastError());
        }

        assertThat(mlflow.authorizations()).contains("Basic YWRhOnNlY3JldC13b3Jk", "Bearer secret-token");
        assertThat(basic + " " + bearer + " " + lastError)
                .contains("401", "correct mlflow.user and mlflow.password, or mlflow.token")
                .doesNotContain("secret");
    }

    @Test
    void everyRequestThatChangesSomethingIsADurableEffect(TestingStore store) {
        finishRun(store, RUN, 10);
        DurableEffects effects = DurableEffects.counting();
        try (MlflowRelay relay = new MlflowRelay(store.database(), mlflow.config(), effects)) {
            relay.drain(PATIENCE);
        }
        long changes = mlflow.calls().stream()
                .filter(call ->
                        !List.of("experiments/get-by-name", "runs/search").contains(call))
                .count();
        assertThat(effects.instants()).isEqualTo(2 * changes);
    }
}
