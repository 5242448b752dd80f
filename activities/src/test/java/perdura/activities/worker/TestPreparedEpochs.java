package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Metrics;
import perdura.workflows.PretrainWorkflow;

/** Runs whose epochs are prepared, in real processes that die within a shard and within the combination. */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestPreparedEpochs {
    private static final List<String> ALL = Stream.of(0L, CountingJobs.STEPS_PER_EPOCH)
            .flatMap(step -> IntStream.range(0, ToyPreparation.SHARDS)
                    .boxed()
                    .flatMap(shard -> Stream.of("shard ", "combination of ").map(what -> what + shard + " at " + step)))
            .sorted()
            .toList();

    private TestingPlatform platform;
    private WorkerConfig config;
    private Path root;
    private Process worker;
    private String digest;

    @BeforeAll
    @Timeout(240)
    void train(@TempDir Path folder) throws IOException {
        platform = new TestingPlatform(folder);
        config = platform.config("worker");
        root = config.artifactRoot();
        worker = PreparingWorker.start(config);
        digest = platform.start("undisturbed").result().stateDigest();
        assertThat(ToyPreparation.takeBegun(root)).isEqualTo(ALL);
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        worker.destroy();
        worker.waitFor();
        platform.close();
    }

    @Test
    void thePreparationsTimeIsAMetric() {
        assertThat(new Metrics(platform.database()).listPoints(new RunId("undisturbed"), "system/prepare_seconds", 0))
                .extracting(MetricPoint::step)
                .containsExactly(0L, CountingJobs.STEPS_PER_EPOCH);
    }

    @Test
    void aProcessThatDiesWithinAShardCostsThatShard() throws IOException {
        ToyPreparation.killAt(root, "shard 2 at 200");

        PretrainWorkflow.Result result = platform.start("shard-killed").result();

        assertThat(result).isEqualTo(finished("shard-killed"));
        assertThat(ToyPreparation.takeBegun(root)).isEqualTo(with("shard 2 at 200"));
    }

    @Test
    void aWorkerThatDiesWithinTheCombinationLosesItsLastRound() throws IOException, InterruptedException {
        ToyPreparation.killAt(root, "combination of 2 at 0");

        Runner.Started run = platform.start("combination-killed");
        assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isEqualTo(DurableEffects.HALTED);
        worker = PreparingWorker.start(config);

        assertThat(run.result()).isEqualTo(finished("combination-killed"));
        assertThat(ToyPreparation.takeBegun(root)).isEqualTo(with("combination of 2 at 0"));
        try (Stream<Path> parts =
                Files.list(root.resolve("combination-killed/epochs").resolve("000000000000-initial"))) {
            assertThat(parts.map(part -> part.getFileName().toString()))
                    .noneMatch(part -> part.contains("scratch") || part.contains("writing"));
        }
    }

    private PretrainWorkflow.Result finished(String run) {
        return new PretrainWorkflow.Result(run, RunStatus.FINISHED, CountingJobs.TOTAL_STEPS, digest);
    }

    private static List<String> with(String twice) {
        List<String> all = new ArrayList<>(ALL);
        all.add(twice);
        return all.stream().sorted().toList();
    }
}
