package perdura.training.tasks.detect;

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
 * A small detector learns to find opacities on synthetic images, from a random encoder and about 600 images with boxes. What needs no learning gets a
 * mAP of 0.03 at most.
 */
class ITDetectionLearns {
    private static final int SIDE = 96;

    @TempDir
    private static Path folder;

    private static DataSet data;

    @BeforeAll
    static void ingest() {
        data = TestingSynth.ingest(folder, TestingSynth.config(SynthConfig.Format.RSNA, 4600, 11, 0.5, SIDE), SIDE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aRandomEncoderLearnsToFindOpacities(long seed) {
        Map<String, Double> last = new TestingTrial(new DetectionTask())
                .on(data)
                .seed(seed)
                .with("fraction", 0.946) // 600 of 634
                .with("imageSize", (long) SIDE)
                .with("epochs", 8L)
                .with("batchSize", 8L)
                .with("learningRate", 1e-3)
                .with("model.blocks", List.of(1L, 1L, 1L, 1L))
                .with("model.width", 8L)
                .with("model.fpn", 32L)
                .with("model.hidden", 64L)
                .with("model.anchors", List.of(12L, 24L, 48L, 96L, 192L))
                .with("model.canonical", (long) SIDE)
                .with("rpn.samples", 64L)
                .with("head.samples", 32L)
                .with("proposals.train", 200L)
                .with("proposals.test", 200L)
                .with("proposals.kept.train", 100L)
                .with("proposals.kept.test", 100L)
                .train(folder.resolve("artifacts"));
        assertThat(last).hasEntrySatisfying("test/map", map -> assertThat(map).isGreaterThan(0.5));
        assertThat(last)
                .hasEntrySatisfying("test/ap50", ap50 -> assertThat(ap50).isGreaterThan(0.85));
        assertThat(last)
                .hasEntrySatisfying(
                        "baseline/k-means-boxes/map",
                        baseline -> assertThat(baseline).isLessThan(0.05));
    }
}
