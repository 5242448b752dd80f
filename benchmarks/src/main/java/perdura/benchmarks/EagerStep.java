package perdura.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.PairBatch;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.method.Methods;
import perdura.training.methods.prior.PriorJob;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;

/**
 * Our side of {@link EagerBenchmark}: one stage of a profile, {@code paper} unless {@code profile=NAME} is among the settings. Arguments:
 * stage, batch size, threads, microbatch size, settings of the spec.
 */
final class EagerStep {
    private static final int VOCABULARY = 28996;
    private static final long STEPS_PER_EPOCH = 1000;

    private EagerStep() {}

    public static void main(String[] args) throws IOException {
        int stage = Integer.parseInt(args[0]);
        int batch = Integer.parseInt(args[1]);
        int threads = Integer.parseInt(args[2]);
        PretrainSpec spec = spec(args[1], threads, args[3], List.of(args).subList(4, args.length));
        PairBatch inputs = batch(
                batch,
                PriorSpec.of(spec).model().imageSize(),
                PriorSpec.of(spec).model().textLength());
        EagerTurns.begin(threads);
        try (PriorJob job =
                PriorJob.open(spec, (number, epoch, index) -> inputs, STEPS_PER_EPOCH, VOCABULARY, threads)) {
            long first = firstStep(spec, stage);
            Round.answerEach(round -> job.step(first + round).getOrDefault("train/loss", Double.NaN));
        }
    }

    private static PretrainSpec spec(String batch, int threads, String micro, List<String> settings) {
        String profile = "paper";
        List<String> set = new ArrayList<>(
                List.of("batchSize=" + batch, "microBatchSize=" + (micro.equals(batch) ? "null" : micro)));
        for (String setting : settings) {
            if (setting.startsWith("profile=")) {
                profile = setting.substring("profile=".length());
            } else {
                set.add(setting);
            }
        }
        return prior(profile, "cpu", threads, set);
    }

    /** PRIOR by a profile, on a data set of no name. */
    static PretrainSpec prior(String profile, String device, int threads, List<String> settings) {
        PretrainStart start = new PretrainStart(
                "prior", "benchmark", PriorSpec.NAME, profile, "0".repeat(64), new ResourceSpec(device, threads));
        return Methods.load().specs().ofProfile(start, settings);
    }

    /** The first step of a stage. */
    private static long firstStep(PretrainSpec spec, int stage) {
        return STEPS_PER_EPOCH
                * PriorSpec.of(spec).stages().stream()
                        .filter(before -> before.stage() < stage)
                        .mapToLong(StageSpec::epochs)
                        .sum();
    }

    /** Noise as images; reports of 4, 8, 12 and 16 sentences of 15 words. */
    private static PairBatch batch(int size, int side, int length) {
        RandomStream random = Seeds.stream("eager");
        FloatBuffer images = direct(4 * size * side * side).asFloatBuffer();
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, (float) random.nextGaussian());
        }
        LongBuffer ids = direct(8 * size * length).asLongBuffer();
        LongBuffer mask = direct(8 * size * length).asLongBuffer();
        LongBuffer map = direct(8 * size * length).asLongBuffer();
        for (int i = 0; i < size * length; i++) {
            int position = i % length;
            int words = Math.min(length - 2, 15 * (4 + 4 * (i / length % 4)));
            ids.put(position <= words + 1 ? 104 + random.bounded(VOCABULARY - 104) : 0);
            mask.put(position <= words + 1 ? 1 : 0);
            map.put(position > 0 && position <= words ? 1 + (position - 1) / 15 : -1);
        }
        return new PairBatch(size, length, images, ids.flip(), mask.flip(), map.flip());
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
