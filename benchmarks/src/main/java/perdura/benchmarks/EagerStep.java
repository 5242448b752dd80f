package perdura.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.datasets.data.PairBatch;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.read.PretrainStart;
import perdura.grids.read.SpecReader;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.methods.prior.PriorJob;
import perdura.training.torch.Torch;

/** Our side of {@link EagerBenchmark}: the profile {@code paper} at one stage. Arguments: stage, batch size, threads, chunk. */
final class EagerStep {
    private static final int LENGTH = 256;
    private static final int VOCABULARY = 28996;
    private static final int SIDE = 224;
    private static final long STEPS_PER_EPOCH = 1000;

    private EagerStep() {}

    public static void main(String[] args) throws IOException {
        int stage = Integer.parseInt(args[0]);
        int batch = Integer.parseInt(args[1]);
        int threads = Integer.parseInt(args[2]);
        PretrainSpec spec = spec(args[1], threads, args[3]);
        PairBatch inputs = batch(batch);
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Torch.start("cpu", threads).close();
        System.out.printf("Perdura, libtorch %s, %d threads%n", Torch.engineVersion(), threads);
        System.out.println(MemoryProbe.kilobytes("VmRSS").orElseThrow());
        try (PriorJob job =
                        PriorJob.open(spec, (number, epoch, index) -> inputs, STEPS_PER_EPOCH, VOCABULARY, threads);
                BufferedReader turns =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (long step = firstStep(spec, stage); turns.readLine() != null; step++) {
                long begun = System.nanoTime();
                long worked = system.getProcessCpuTime();
                Map<String, Double> metrics = job.step(step);
                System.out.printf(
                        Locale.ROOT, // read by SteppingProcess
                        "%.4f %.4f %.6f %d%n",
                        (System.nanoTime() - begun) / 1e9,
                        (system.getProcessCpuTime() - worked) / 1e9,
                        total(metrics),
                        MemoryProbe.kilobytes("VmHWM").orElseThrow());
            }
        }
    }

    /** The paper's profile. */
    private static PretrainSpec spec(String batch, int threads, String chunk) {
        return SpecReader.ofProfile(
                new PretrainStart("eager", "benchmark", "paper", "0".repeat(64), new ResourceSpec("cpu", threads)),
                List.of("batchSize=" + batch, "batchChunk=" + (chunk.equals(batch) ? "null" : chunk)));
    }

    /** The first step of a stage. */
    private static long firstStep(PretrainSpec spec, int stage) {
        return STEPS_PER_EPOCH
                * spec.stages().stream()
                        .filter(before -> before.stage() < stage)
                        .mapToLong(StageSpec::epochs)
                        .sum();
    }

    private static double total(Map<String, Double> metrics) {
        return metrics.getOrDefault("train/loss", Double.NaN);
    }

    /** Noise as images; reports of 4, 8, 12 and 16 sentences of 15 words. */
    private static PairBatch batch(int size) {
        RandomStream random = Seeds.stream("eager");
        FloatBuffer images = direct(4 * size * SIDE * SIDE).asFloatBuffer();
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, (float) random.nextGaussian());
        }
        LongBuffer ids = direct(8 * size * LENGTH).asLongBuffer();
        LongBuffer mask = direct(8 * size * LENGTH).asLongBuffer();
        LongBuffer map = direct(8 * size * LENGTH).asLongBuffer();
        for (int i = 0; i < size * LENGTH; i++) {
            int position = i % LENGTH;
            int words = 15 * (4 + 4 * (i / LENGTH % 4));
            ids.put(position <= words + 1 ? 104 + random.bounded(VOCABULARY - 104) : 0);
            mask.put(position <= words + 1 ? 1 : 0);
            map.put(position > 0 && position <= words ? 1 + (position - 1) / 15 : -1);
        }
        return new PairBatch(size, LENGTH, images, ids.flip(), mask.flip(), map.flip());
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
