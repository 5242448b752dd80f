package perdura.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.CcrSpec;
import perdura.grids.spec.LearningRateFactors;
import perdura.grids.spec.LossWeights;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.SpbSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.prior.model.CachedGradientPass;
import perdura.training.methods.prior.model.NoiseSource;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.model.StageNoise;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** The measured process of {@link ChunkMemoryBenchmark}: stage, batch size, chunk; a chunk of the whole batch is none. */
final class ChunkMemoryProbe {
    private static final int SIDE = 224;
    private static final int LENGTH = 128;
    private static final int VOCABULARY = 1000;
    private static final int STEPS = 3;

    private ChunkMemoryProbe() {}

    public static void main(String[] args) {
        StageSpec stage = stage(Integer.parseInt(args[0]));
        int batch = Integer.parseInt(args[1]);
        int size = Integer.parseInt(args[2]);
        AtomicLong peak = new AtomicLong();
        Prior prior = new Prior(model(), VOCABULARY);
        try (Torch torch = Torch.start("cpu", 1)) {
            StateDictLayout layout = prior.layout();
            Parameters parameters = layout.allocate(torch, ElementType.F32);
            Initializer.fill(torch, layout, parameters, 1);
            try (StageForward forward = new StageForward(torch, parameters, prior, stage, Mode.TRAIN);
                    Gradients gradients = new Gradients(parameters, forward.trained());
                    NoiseSource noise = new NoiseSource(torch, parameters, prior)) {
                @Nullable
                CachedGradientPass chunks = size == batch
                        ? null
                        : new CachedGradientPass(torch, parameters, prior, stage, Mode.TRAIN, size);
                FloatBuffer images = images(batch);
                List<LongBuffer> texts = texts(batch);
                long before = MemoryProbe.anonymousKilobytes();
                watch(peak);
                long begun = System.nanoTime();
                for (int step = 0; step < STEPS; step++) {
                    try (StepScope scope = torch.newStep()) {
                        gradients.clear();
                        List<Tensor> inputs = List.of(
                                scope.floats(images, batch, 1, SIDE, SIDE),
                                scope.longs(texts.get(0), batch, LENGTH),
                                scope.longs(texts.get(1), batch, LENGTH),
                                scope.longs(texts.get(2), batch, LENGTH));
                        StageNoise drawn = noise.draw(
                                scope, forward.needs(), batch, forward.sentences(6), purpose -> Seeds.hash64(purpose));
                        if (chunks == null) {
                            Gradients.backward(
                                    scope,
                                    Gradients.record(() -> forward.run(scope, inputs, drawn, 0.9))
                                            .total());
                        } else {
                            chunks.run(scope, inputs, drawn, 0.9, chunk -> chunk);
                        }
                    }
                }
                System.out.printf(
                        "%5d MB, %.2f s a step%n",
                        (peak.get() - before) >> 10, (System.nanoTime() - begun) / 1e9 / STEPS);
            }
        }
        System.exit(0); // the sampler still runs
    }

    private static void watch(AtomicLong peak) {
        new Timer("sampler", true)
                .schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                peak.accumulateAndGet(MemoryProbe.anonymousKilobytes(), Math::max);
                            }
                        },
                        0,
                        5);
    }

    private static StageSpec stage(int number) {
        LossWeights weights = number == 1
                ? new LossWeights(1, 1, 1, 0, 0, 0, 0, 0, 0)
                : new LossWeights(10, 1, 1, 10, 1, 10, 1, 1, 0);
        List<StageSpec.Module> modules = List.of(StageSpec.Module.values()).subList(0, number);
        return new StageSpec(number, 1, 0, 1e-4, 1e-4, 0, modules, weights, LearningRateFactors.ONE);
    }

    private static ModelSpec model() {
        return new ModelSpec(
                SIDE,
                List.of(1, 1, 1, 1),
                16,
                4,
                LENGTH,
                64,
                2,
                4,
                128,
                LENGTH,
                0.1,
                64,
                16,
                4,
                32,
                64,
                8,
                2,
                4,
                128,
                List.of(64, 32, 16, 8, 4),
                ModelSpec.Gather.ATTENTION,
                ModelSpec.LamActivation.SIGMOID,
                false,
                0.07,
                100,
                new SpbSpec(
                        SpbSpec.Init.GAUSSIAN,
                        600,
                        SpbSpec.Query.SOFT,
                        SpbSpec.TauSchedule.EXPONENTIAL,
                        0.9,
                        0.01,
                        0.01,
                        SpbSpec.LossMean.SENTENCES),
                new CcrSpec(CcrSpec.Mask.CHANNEL, 0.5, CcrSpec.Block.CONV_BN_RELU, false, false),
                ModelSpec.Overlong.KEEP_SEP);
    }

    private static FloatBuffer images(int batch) {
        RandomStream random = Seeds.stream("chunk-memory");
        FloatBuffer images = direct(4 * batch * SIDE * SIDE).asFloatBuffer();
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, (float) random.nextGaussian());
        }
        return images;
    }

    /** Ids, attention mask and sentence map: six sentences of twenty words. */
    private static List<LongBuffer> texts(int batch) {
        RandomStream random = Seeds.stream("chunk-words");
        LongBuffer ids = direct(8 * batch * LENGTH).asLongBuffer();
        LongBuffer mask = direct(8 * batch * LENGTH).asLongBuffer();
        LongBuffer map = direct(8 * batch * LENGTH).asLongBuffer();
        for (int i = 0; i < batch * LENGTH; i++) {
            int position = i % LENGTH;
            ids.put(i, position <= 121 ? 104 + random.bounded(VOCABULARY - 104) : 0);
            mask.put(i, position <= 121 ? 1 : 0);
            map.put(i, position > 0 && position <= 120 ? 1 + (position - 1) / 20 : -1);
        }
        return List.of(ids, mask, map);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
