package perdura.training.methods.sense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.method.Method.StepMemory;
import perdura.training.method.Methods;

/** Profile {@code paper}: two steps at batch 4, and what a step of batch 256 is told to need. */
class ITSensePaper {
    private static final int VOCABULARY = 28_996;

    @Test
    void twoStepsRunOnAProcessor(@TempDir Path folder) throws IOException {
        DataSet data = SenseStudies.ingest(folder, 12, 224, 0.2);
        int[] rows = Arrays.copyOf(SplitRows.of(data, DataSpec.Split.TRAIN), 8);
        List<SenseRun.Epoch> epochs = new SenseRun(
                        paper(
                                data.header().digest(),
                                "batchSize=4",
                                "queueLength=6",
                                "clusters.count=3",
                                "epochs=1",
                                "warmupEpochs=0",
                                "validation.pairs=0"),
                        data,
                        rows,
                        folder)
                .train();
        assertThat(epochs).singleElement().satisfies(epoch -> {
            assertThat(epoch.metrics().get("train/loss")).isBetween(0.0, 60.0);
            assertThat(epoch.metrics()).containsKeys("train/loss_cmc", "train/loss_mmc", "train/loss_umc");
        });
    }

    @Test
    void whatABatchOf256NeedsIsTold() {
        StepMemory memory = memory();
        long network = 23_508_032L + 108_310_272 + 2 * (5_245_440L + 984_320);
        assertThat((double) memory.weights())
                .isCloseTo(
                        4.0 * (2 * network + 4 * 2_048 * 512 + 10_000 * 512),
                        withinPercentage(0.2)); // BatchNorm's statistics
        assertThat(memory.gradients()).isEqualTo(4 * (23_508_032L + 42_527_232 + 2 * (5_245_440L + 984_320)));
        assertThat(memory.moments()).isEqualTo(2 * memory.gradients());
        assertThat(memory("microBatchSize=16").activations()).isLessThan(memory.activations() / 10);
    }

    private static StepMemory memory(String... settings) {
        PretrainSpec spec = paper("0".repeat(64), settings);
        return Methods.load().of(spec).memory(spec, VOCABULARY).get(0);
    }

    private static PretrainSpec paper(String dataset, String... settings) {
        PretrainStart start =
                new PretrainStart("sense-1", "tests", "sense", "paper", dataset, new ResourceSpec("cpu", 1));
        return Methods.load().specs().ofProfile(start, List.of(settings));
    }
}
