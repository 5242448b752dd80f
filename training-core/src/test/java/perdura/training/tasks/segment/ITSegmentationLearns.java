package perdura.training.tasks.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.data.DataSet;
import perdura.datasets.synth.SynthConfig;
import perdura.training.golden.TestingSynth;
import perdura.training.tasks.TestingTrial;

/**
 * A small U-Net learns to find pneumothoraces on synthetic images, from a random encoder and 605 images with masks. What needs no learning gets a Dice of 0.64
 * at most.
 */
class ITSegmentationLearns {
    private static final int SIDE = 96;

    @TempDir
    private static Path folder;

    private static DataSet data;

    @BeforeAll
    static void ingest() {
        data = TestingSynth.ingest(folder, TestingSynth.config(SynthConfig.Format.SIIM, 4600, 11, 0.5, SIDE), SIDE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aRandomEncoderLearnsToFindPneumothoraces(long seed) {
        Map<String, Double> last = new TestingTrial(new SegmentationTask())
                .on(data)
                .seed(seed)
                .with("split", "ratio-622")
                .with("imageSize", (long) SIDE)
                .with("epochs", 4L)
                .with("batchSize", 8L)
                .with("learningRate", 3e-3)
                .with("model.blocks", List.of(1L, 1L, 1L, 1L))
                .with("model.width", 8L)
                .with("model.decoder", List.of(64L, 32L, 16L, 8L, 4L))
                .train(folder.resolve("artifacts"));
        assertThat(last)
                .hasEntrySatisfying(
                        "test/dice-positives", dice -> assertThat(dice).isGreaterThan(0.9));
        assertThat(last)
                .hasEntrySatisfying(
                        "baseline/nearest-image/dice-positives",
                        baseline -> assertThat(baseline).isLessThan(0.7));
    }
}
