package perdura.training.methods.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.datasets.data.PairBatch;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.golden.PriorSpecs;
import perdura.training.method.Method.StepMemory;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.PriorMemory;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.torch.Torch;

/** Stage 3 in the sizes of the paper, the largest step there is, on the processor: needs about 6 GB, on Linux. */
class ITPaperSizes {
    private static final int BATCH = 4;
    private static final int VOCABULARY = 28996;

    @Test
    void twoStepsOfStageThreeRunInTheMemoryThatIsTold() throws IOException {
        ModelSpec model = PriorSpecs.paper();
        Torch.start("cpu", 2).close();
        long before = held("VmRSS");
        Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // VmHWM begins anew
        try (PriorJob job = PriorJob.open(
                TestPriorJob.spec(1, null, List.of(stage()), model),
                (stage, epoch, index) -> batch(model),
                2,
                VOCABULARY,
                2)) {
            Map<String, Double> first = job.step(0);
            Map<String, Double> second = job.step(1);
            assertThat(first.keySet())
                    .filteredOn(key -> key.startsWith("train/loss_"))
                    .hasSize(8);
            assertThat(second.values()).allSatisfy(value -> assertThat(value).isFinite());
            StepMemory told = PriorMemory.of(new Prior(model, VOCABULARY), stage(), BATCH, null);
            assertThat(1024.0 * (held("VmHWM") - before)).isCloseTo((double) told.total(), withinPercentage(20));
        }
    }

    /** Kilobytes by a field of the kernel's. */
    private static long held(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Stage 3 with the paper's rates. */
    private static StageSpec stage() {
        StageSpec three = PriorSpecs.stage(3, 1);
        return new StageSpec(3, 1, 1, 1e-5, 1e-7, 0, three.modules(), three.lossWeights(), three.learningRateFactors());
    }

    /** Noise as images; reports of 20, 10, 5 and 2 sentences of five words, padded to the model's length. */
    private static PairBatch batch(ModelSpec model) {
        RandomStream random = Seeds.stream("paper");
        int length = model.textLength();
        FloatBuffer images =
                direct(4 * BATCH * model.imageSize() * model.imageSize()).asFloatBuffer();
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, (float) random.nextGaussian());
        }
        LongBuffer ids = direct(8 * BATCH * length).asLongBuffer();
        LongBuffer mask = direct(8 * BATCH * length).asLongBuffer();
        LongBuffer map = direct(8 * BATCH * length).asLongBuffer();
        for (int sentences : new int[] {20, 10, 5, 2}) {
            for (int i = 0; i < length; i++) {
                boolean isText = i <= 5 * sentences + 1;
                ids.put(isText ? 104 + random.bounded(VOCABULARY - 104) : 0);
                mask.put(isText ? 1 : 0);
                map.put(i > 0 && i <= 5 * sentences ? 1 + (i - 1) / 5 : -1);
            }
        }
        return new PairBatch(BATCH, length, images, ids.flip(), mask.flip(), map.flip());
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
