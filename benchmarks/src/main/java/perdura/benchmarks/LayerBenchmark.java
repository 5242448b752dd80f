package perdura.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.CcrSpec;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.SpbSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.prior.model.Prior;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.optim.FusedAdam;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The cost of our layer: one training step (forward, backward, fused Adam) of a ResNet50 at 224x224 through it, against
 * the same TorchScript called straight through the engine's binding. Both take turns in one process. Arguments: batch size
 * (default 4), rounds (default 12), threads (default 1).
 */
public final class LayerBenchmark {
    private static final int SIDE = 224;
    private static final double TARGET = 1.05;

    private LayerBenchmark() {}

    public static void main(String[] args) throws IOException {
        int batch = args.length > 0 ? Integer.parseInt(args[0]) : 4;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 12;
        int threads = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        FloatBuffer pixels = pixels(batch);
        try (Torch torch = Torch.start("cpu", threads)) {
            Prior prior = new Prior(resNet50(), 1000);
            ScriptBuilder program = prior.trunk(ScriptBuilder.Mode.TRAIN);
            program.function("loss", "x: Tensor", "Tensor", "return torch.mean(torch.square(self.backbone(p, x)))\n");
            StateDictLayout layout = prior.layout();
            try (Layered layered = new Layered(torch, layout, program);
                    BareStep bare = new BareStep(program, layered.shapes())) {
                List<Double> ours = new ArrayList<>();
                List<Double> raw = new ArrayList<>();
                List<Double> ratios = new ArrayList<>();
                for (int round = -2; round < rounds; round++) {
                    boolean oursFirst = round % 2 == 0;
                    double bareSeconds = oursFirst ? 0 : seconds(() -> bare.step(pixels.duplicate(), batch, SIDE));
                    double ourSeconds = seconds(() -> layered.step(pixels.duplicate(), batch));
                    if (oursFirst) {
                        bareSeconds = seconds(() -> bare.step(pixels.duplicate(), batch, SIDE));
                    }
                    if (round >= 0) { // two rounds to warm up
                        ours.add(ourSeconds);
                        raw.add(bareSeconds);
                        ratios.add(ourSeconds / bareSeconds);
                    }
                }
                System.out.printf(
                        "ResNet50, batch %d, %dx%d, %d threads, median of %d rounds%n",
                        batch, SIDE, SIDE, threads, rounds);
                System.out.printf("  step through our layer        %8.3f s%n", median(ours));
                System.out.printf("  step on bare TorchScript      %8.3f s%n", median(raw));
                System.out.printf(
                        "  ratio, median over rounds     %8.3f (target: at most %.2f)%n", median(ratios), TARGET);
            }
        }
    }

    /** PRIOR's image side at full size; the rest as small as it can be. */
    private static ModelSpec resNet50() {
        return new ModelSpec(
                SIDE,
                List.of(3, 4, 6, 3),
                64,
                8,
                8,
                8,
                1,
                1,
                8,
                8,
                0,
                8,
                8,
                1,
                8,
                1,
                1,
                1,
                1,
                8,
                List.of(1, 1, 1, 1, 1),
                ModelSpec.Gather.MEAN,
                ModelSpec.LamActivation.SIGMOID,
                false,
                0.07,
                100,
                new SpbSpec(
                        SpbSpec.Init.GAUSSIAN,
                        1,
                        SpbSpec.Query.SOFT,
                        SpbSpec.TauSchedule.FIXED,
                        1,
                        1,
                        1,
                        SpbSpec.LossMean.SENTENCES),
                new CcrSpec(CcrSpec.Mask.CHANNEL, 0, CcrSpec.Block.CONV_BN_RELU, false, false),
                ModelSpec.Overlong.KEEP_SEP);
    }

    private static FloatBuffer pixels(int batch) {
        FloatBuffer pixels = ByteBuffer.allocateDirect(4 * batch * SIDE * SIDE)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        var random = Seeds.stream("benchmark");
        for (int i = 0; i < pixels.capacity(); i++) {
            pixels.put(i, (float) random.nextGaussian());
        }
        return pixels;
    }

    private static double seconds(Runnable step) {
        long begun = System.nanoTime();
        step.run();
        return (System.nanoTime() - begun) / 1e9;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    /** The step as a job makes it. */
    private static final class Layered implements AutoCloseable {
        private final Torch torch;
        private final Parameters parameters;
        private final Script script;
        private final List<Tensor> arguments;
        private final Gradients gradients;
        private final FusedAdam adam;

        Layered(Torch torch, StateDictLayout layout, ScriptBuilder program) {
            this.torch = torch;
            this.parameters = layout.allocate(torch, ElementType.F32);
            Initializer.fill(torch, layout, parameters, 1);
            this.script = Script.compile(torch, program.text());
            this.arguments = program.arguments(parameters);
            this.gradients = new Gradients(parameters, program.trained());
            OptimizerSpec spec = new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null);
            this.adam = new FusedAdam(
                    torch, spec, parameters, gradients, List.of(new FusedAdam.Group(program.trained(), 1e-6)));
        }

        /** Shapes of the script's arguments; a count of batches has none. */
        List<List<Long>> shapes() {
            return arguments.stream().map(Tensor::shape).toList();
        }

        void step(FloatBuffer pixels, int batch) {
            try (StepScope scope = torch.newStep()) {
                gradients.clear();
                Tensor images = scope.floats(pixels, batch, 1, SIDE, SIDE);
                Tensor loss = Gradients.record(() -> script.call(scope, "loss", List.of(arguments), images))
                        .get(0);
                loss.item();
                Gradients.backward(scope, loss);
                adam.step(scope, 1e-4);
            }
        }

        @Override
        public void close() {
            adam.close();
            gradients.close();
            script.close();
            parameters.close();
        }
    }
}
