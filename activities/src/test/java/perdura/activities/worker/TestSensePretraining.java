package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.PretrainSpec;
import perdura.store.Checkpoints;
import perdura.store.Events;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;

/** SENSE on the whole platform: one worker, then two that share the shards and whose slots are killed. */
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestSensePretraining {
    private static final String BEST_BY = "validation/recall_sum";
    private static final int EPOCHS = 3;

    /** Settings of SENSE with which a step takes some milliseconds. */
    static final String SMALL = """
            model: {imageSize: 32, resnetWidth: 4, bertHidden: 16, bertFfn: 32, bertHeads: 2, dim: 8}
            batchSize: 8
            queueLength: 12
            warmupEpochs: 1
            """;

    private Path artifacts = Path.of("");
    private TestingPlatform platform;
    private List<RunningSupervisor> workers = List.of();
    private Run undisturbed;
    private long stepsPerEpoch;

    @BeforeAll
    @Timeout(900)
    void train(@TempDir Path folder) throws IOException {
        platform = new TestingPlatform(folder);
        artifacts = platform.artifacts();
        platform.writeData(90);
        RunningSupervisor alone = platform.startIngesting("alone");
        undisturbed = platform.finished(spec());
        alone.close();
        stepsPerEpoch = undisturbed.progress().position().step() / EPOCHS;
        assertThat(stepsPerEpoch).isGreaterThanOrEqualTo(4);
        assertThat(ToyPreparation.takeBegun(artifacts)).contains("shard 1 at " + stepsPerEpoch);
        workers = List.of(platform.startIngesting("first"), platform.startIngesting("second"));
    }

    @AfterAll
    void stop() throws IOException {
        workers.forEach(RunningSupervisor::close);
        platform.close();
    }

    /** Several shards an epoch. */
    private PretrainSpec spec(String... settings) throws IOException {
        String plan = """
                clusters: {count: 4, shardStudies: 16}
                epochs: %d
                learningRate: 1e-2
                commit: {every: 1h, everySteps: 3, keep: 2}
                """.formatted(EPOCHS);
        return platform.spec("sense", SMALL + plan, settings);
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

        Run killed = platform.finished(spec());

        assertThat(new Events(platform.database()).listEvents(killed.runId()))
                .filteredOn(event -> event.kind().equals("WORKER_DIED"))
                .hasSize(kills.size());
        assertThat(killed.progress().stateDigest())
                .isEqualTo(undisturbed.progress().stateDigest());
        for (String key : List.of("train/loss", "epoch/kmeans_objective", "epoch/labels_nmi", BEST_BY)) {
            assertThat(platform.points(killed, key)).as(key).isNotEmpty().isEqualTo(platform.points(undisturbed, key));
        }
        assertThat(best(killed).stateDigest()).isEqualTo(best(undisturbed).stateDigest());
    }

    private StoredCheckpoint best(Run run) {
        List<Double> scores = platform.points(run, BEST_BY);
        long epoch = scores.indexOf(Collections.max(scores)) + 1L;
        StoredCheckpoint best =
                new Checkpoints(platform.database()).findBest(run.runId()).orElseThrow();
        assertThat(best.position().step()).isEqualTo(epoch * stepsPerEpoch);
        assertThat(best.score()).isEqualTo(Collections.max(scores));
        assertThat(best.state()).isEqualTo(CheckpointState.PRESENT);
        assertThat(best.folder()).isNotEmptyDirectory();
        return best;
    }

    @Test
    void withoutClustersNothingIsPrepared() throws IOException {
        Run run = platform.finished(spec("lossWeights.mmc=0"));
        assertThat(platform.points(run, "system/prepare_seconds")).isEmpty();
        assertThat(platform.points(run, "epoch/kmeans_objective")).isEmpty();
        assertThat(artifacts.resolve(run.runId().value()).resolve("epochs")).doesNotExist();
        List<Double> whole = platform.points(undisturbed, "system/prepare_seconds");
        List<Double> combining = platform.points(undisturbed, "system/prepare_combine_seconds");
        assertThat(whole).hasSize(EPOCHS);
        assertThat(combining).hasSize(EPOCHS);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            assertThat(combining.get(epoch)).isPositive().isLessThan(whole.get(epoch));
        }
    }

    @Test
    void theBestCheckpointIsTakenByADownstreamTask() throws IOException {
        Run trial = platform.onlyTrial("""
            apiVersion: perdura/v1
            kind: Sweep
            name: best
            task: pair-retrieval
            base: {dataset: %s, encoder: %s@best}
            matrix: {seeds: [1]}
            resources: {device: cpu, threads: 1}
            objective: {metric: recall_sum, goal: max}
            """.formatted(undisturbed.binding().dataDigest(), undisturbed.runId()));
        assertThat(platform.points(trial, "test/recall_sum"))
                .singleElement()
                .satisfies(sum -> assertThat(sum).isBetween(0.0, 6.0));
    }
}
