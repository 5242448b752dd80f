package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.experiments.submit.PretrainSubmission;
import perdura.experiments.submit.RunStarter;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.weights.WeightStore;
import perdura.workflows.PretrainWorkflow;

/** A worker that dies between two rounds of K-means: the next one goes on from the last round, to the same bits. */
@Timeout(900)
class TestKilledClustering {
    @Test
    void aKillWithinLloydsAlgorithmCostsARound(@TempDir Path folder) throws IOException, InterruptedException {
        Path artifacts = folder.resolve("artifacts");
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(60, 3), done -> {});
        try (FreshDatabase postgres = FreshDatabase.create();
                EmbeddedTemporal server = new EmbeddedTemporal()) {
            DatabaseConfig store = new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres");
            WorkerConfig config = new WorkerConfig(
                    server.config(),
                    store,
                    null,
                    null,
                    artifacts,
                    folder.resolve("worker"),
                    List.of("cpu"),
                    Duration.ofSeconds(15),
                    Duration.ofMillis(500),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(20));
            try (Database database = Database.open(store, DurableEffects.counting(), Duration.ofSeconds(30));
                    TemporalConnection temporal = TemporalConnection.open(server.config(), Duration.ofSeconds(30))) {
                PretrainSubmission submission = new PretrainSubmission(() -> database, new WeightStore(artifacts));
                Process worker = WatchedWorker.start(config);
                try {
                    Run undisturbed = finished(started(submission, temporal, folder), database, temporal);
                    List<String> rounds = rounds(artifacts);
                    assertThat(rounds).contains("round-000001 at 0", "round-000002 at 0");

                    ToyPreparation.killAt(artifacts, "round-000002 at 0");
                    RunId run = started(submission, temporal, folder);
                    assertThat(worker.waitFor(300, TimeUnit.SECONDS)).isTrue();
                    assertThat(worker.exitValue()).isEqualTo(DurableEffects.HALTED);
                    worker = WatchedWorker.start(config);
                    Run killed = finished(run, database, temporal);

                    assertThat(killed.progress().stateDigest())
                            .isEqualTo(undisturbed.progress().stateDigest());
                    // The round that was seen when the worker died is seen again, and none before it.
                    assertThat(rounds(artifacts))
                            .containsExactlyInAnyOrderElementsOf(
                                    Stream.concat(rounds.stream(), Stream.of("round-000002 at 0"))
                                            .toList());
                } finally {
                    worker.destroy();
                    worker.waitFor();
                }
            }
        }
    }

    private static List<String> rounds(Path artifacts) throws IOException {
        return ToyPreparation.takeBegun(artifacts).stream()
                .filter(what -> what.startsWith("round"))
                .toList();
    }

    private static RunId started(PretrainSubmission submission, TemporalConnection temporal, Path folder)
            throws IOException {
        PretrainSpec spec =
                Methods.load().specs().read(Files.writeString(folder.resolve("sense.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: sense
                experiment: test
                method: sense
                profile: tiny
                data: {format: mimic-cxr, root: data}
                model: {imageSize: 32, resnetWidth: 4, bertHidden: 16, bertFfn: 32, bertHeads: 2, dim: 8}
                batchSize: 8
                queueLength: 12
                clusters: {count: 4}
                epochs: 1
                warmupEpochs: 1
                resources: {device: cpu, threads: 1}
                """), List.of());
        return submission
                .submit(submission.check(spec, null, null), new RunStarter(temporal.client()))
                .runId();
    }

    private static Run finished(RunId run, Database database, TemporalConnection temporal) {
        PretrainWorkflow.Result result = temporal.client()
                .newUntypedWorkflowStub(PretrainWorkflow.workflowId(run.value()))
                .getResult(PretrainWorkflow.Result.class);
        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
        return new Runs(database).loadRun(run);
    }
}
