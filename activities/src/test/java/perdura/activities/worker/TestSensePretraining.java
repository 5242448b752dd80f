package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.submit.PretrainSubmission;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepExpansion;
import perdura.store.Checkpoints;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.weights.WeightStore;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.SweepWorkflow;

/** SENSE on the whole platform: one worker, then two that share the shards and whose slots are killed. */
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestSensePretraining {
    private static final String BEST_BY = "validation/recall_sum";
    private static final int EPOCHS = 3;

    private Path folder = Path.of("");
    private Path artifacts = Path.of("");
    private FreshDatabase postgres;
    private Database database;
    private EmbeddedTemporal server;
    private TemporalConnection temporal;
    private List<RunningSupervisor> workers = List.of();
    private PretrainSubmission submission;
    private Run undisturbed;
    private long stepsPerEpoch;

    @BeforeAll
    @Timeout(900)
    void train(@TempDir Path shared) throws IOException {
        folder = shared;
        artifacts = folder.resolve("artifacts");
        postgres = FreshDatabase.create();
        DatabaseConfig config = new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres");
        database = Database.open(config, DurableEffects.counting(), Duration.ofSeconds(30));
        server = new EmbeddedTemporal();
        temporal = TemporalConnection.open(server.config(), Duration.ofSeconds(30));
        submission = new PretrainSubmission(() -> database, new WeightStore(artifacts));
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(90, 3), done -> {});
        RunningSupervisor alone = startWorker(config, "alone");
        undisturbed = finished(spec());
        alone.close();
        stepsPerEpoch = undisturbed.progress().position().step() / EPOCHS;
        assertThat(stepsPerEpoch).isGreaterThanOrEqualTo(4);
        assertThat(ToyPreparation.takeBegun(artifacts)).contains("shard 1 at " + stepsPerEpoch);
        workers = List.of(startWorker(config, "first"), startWorker(config, "second"));
    }

    private RunningSupervisor startWorker(DatabaseConfig store, String name) {
        WorkerConfig config = new WorkerConfig(
                server.config(),
                store,
                null,
                null,
                artifacts,
                folder.resolve(name),
                List.of("cpu"),
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                Duration.ofMinutes(1),
                Duration.ofSeconds(20));
        DurableEffects effects = DurableEffects.counting();
        return new RunningSupervisor(
                new WorkerSupervisor(
                        config,
                        effects,
                        opened -> WorkerSupervisor.ingestedData(opened, config, effects),
                        WatchedSlot.class.getName()),
                config.workDir());
    }

    @AfterAll
    void stop() throws IOException {
        workers.forEach(RunningSupervisor::close);
        temporal.close();
        server.close();
        database.close();
        postgres.close();
    }

    /** Networks that a step trains in some milliseconds; several shards an epoch. */
    private PretrainSpec spec(String... settings) throws IOException {
        Path file = Files.writeString(folder.resolve("sense.yaml"), """
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
                clusters: {count: 4, shardStudies: 16}
                epochs: %d
                warmupEpochs: 1
                learningRate: 1e-2
                commit: {every: 1h, everySteps: 3, keep: 2}
                resources: {device: cpu, threads: 1}
                """.formatted(EPOCHS));
        return Methods.load().specs().read(file, List.of(settings));
    }

    private Run finished(PretrainSpec spec) {
        RunId runId = submission
                .submit(submission.check(spec, null, null), new RunStarter(temporal.client()))
                .runId();
        PretrainWorkflow.Result result = temporal.client()
                .newUntypedWorkflowStub(PretrainWorkflow.workflowId(runId.value()))
                .getResult(PretrainWorkflow.Result.class);
        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
        return new Runs(database).loadRun(runId);
    }

    private List<Double> points(Run run, String key) {
        return new Metrics(database)
                .listPoints(run.runId(), key, 0).stream()
                        .map(MetricPoint::value)
                        .toList();
    }

    /** In a shard, at both ends of an epoch and within one. */
    @Test
    void killsLeaveTheBitsAndTheBestCheckpointAlone() throws IOException {
        List<String> kills = List.of(
                "shard 0 at 0",
                "step 1",
                "step " + (stepsPerEpoch - 1),
                "shard 1 at " + stepsPerEpoch,
                "step " + stepsPerEpoch,
                "step " + (EPOCHS * stepsPerEpoch - 1));
        for (String kill : kills) {
            ToyPreparation.killAt(artifacts, kill);
        }

        Run killed = finished(spec());

        assertThat(new Events(database).listEvents(killed.runId()))
                .filteredOn(event -> event.kind().equals("WORKER_DIED"))
                .hasSize(kills.size());
        assertThat(killed.progress().stateDigest())
                .isEqualTo(undisturbed.progress().stateDigest());
        for (String key : List.of("train/loss", "epoch/kmeans_objective", "epoch/labels_nmi", BEST_BY)) {
            assertThat(points(killed, key)).as(key).isNotEmpty().isEqualTo(points(undisturbed, key));
        }
        assertThat(best(killed).stateDigest()).isEqualTo(best(undisturbed).stateDigest());
    }

    private StoredCheckpoint best(Run run) {
        List<Double> scores = points(run, BEST_BY);
        long epoch = scores.indexOf(Collections.max(scores)) + 1L;
        StoredCheckpoint best = new Checkpoints(database).findBest(run.runId()).orElseThrow();
        assertThat(best.position().step()).isEqualTo(epoch * stepsPerEpoch);
        assertThat(best.score()).isEqualTo(Collections.max(scores));
        assertThat(best.state()).isEqualTo(CheckpointState.PRESENT);
        assertThat(best.folder()).isNotEmptyDirectory();
        return best;
    }

    @Test
    void withoutClustersNothingIsPrepared() throws IOException {
        Run run = finished(spec("lossWeights.mmc=0"));
        assertThat(points(run, "system/prepare_seconds")).isEmpty();
        assertThat(points(run, "epoch/kmeans_objective")).isEmpty();
        assertThat(artifacts.resolve(run.runId().value()).resolve("epochs")).doesNotExist();
        assertThat(points(undisturbed, "system/prepare_seconds")).hasSize(EPOCHS);
    }

    @Test
    void theBestCheckpointIsTakenByADownstreamTask() throws IOException {
        Path file = Files.writeString(folder.resolve("retrieval.yaml"), """
            apiVersion: perdura/v1
            kind: Sweep
            name: best
            task: pair-retrieval
            base: {dataset: %s, encoder: %s@best}
            matrix: {seeds: [1]}
            resources: {device: cpu, threads: 1}
            objective: {metric: recall_sum, goal: max}
            """.formatted(
                        undisturbed.binding().dataDigest(), undisturbed.runId()));
        SweepSubmission sweeps = new SweepSubmission(database, artifacts);
        SweepExpansion expansion = sweeps.read(
                "best.yaml",
                (tasks, names) -> SweepReader.read(file, List.of(), tasks.schemas(), names, SweepReader.MOST_TRIALS));
        SweepPlan plan = sweeps.plan(expansion, false);
        String sweepId = sweeps.submit(expansion, plan, false);
        new SweepStarter(temporal.client()).start(sweepId);
        temporal.client()
                .newUntypedWorkflowStub(SweepWorkflow.workflowId(sweepId))
                .getResult(SweepWorkflow.Result.class);

        List<TrialRow> trials = new SweepResults(database).list(sweepId);
        assertThat(trials).hasSize(1);
        Run trial = new Runs(database)
                .loadRun(new RunId(String.valueOf(trials.get(0).runId())));
        assertThat(trial.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(Stream.of(points(trial, "test/recall_sum")).flatMap(List::stream))
                .singleElement()
                .satisfies(sum -> assertThat(sum).isBetween(0.0, 6.0));
    }
}
