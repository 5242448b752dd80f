package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Run;

/** A worker that dies between two rounds of K-means: the next one goes on from the last round, to the same bits. */
@Timeout(900)
class TestKilledClustering {
    @Test
    void aKillWithinLloydsAlgorithmCostsARound(@TempDir Path folder) throws IOException, InterruptedException {
        try (TestingPlatform platform = new TestingPlatform(folder)) {
            platform.writeData(60);
            PretrainSpec spec = platform.spec("sense", TestSensePretraining.SMALL + """
                    clusters: {count: 4}
                    epochs: 1
                    """);
            WorkerConfig config = platform.config("worker");
            Path artifacts = platform.artifacts();
            Process worker = WatchedWorker.start(config);
            try {
                Run undisturbed = platform.finished(spec);
                List<String> rounds = rounds(artifacts);
                assertThat(rounds).contains("round-000001 at 0", "round-000002 at 0");

                ToyPreparation.killAt(artifacts, "round-000002 at 0");
                RunId run = platform.submit(spec).runId();
                assertThat(worker.waitFor(300, TimeUnit.SECONDS)).isTrue();
                assertThat(worker.exitValue()).isEqualTo(DurableEffects.HALTED);
                worker = WatchedWorker.start(config);
                Run killed = platform.finished(run);

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

    private static List<String> rounds(Path artifacts) throws IOException {
        return ToyPreparation.takeBegun(artifacts).stream()
                .filter(what -> what.startsWith("round"))
                .toList();
    }
}
