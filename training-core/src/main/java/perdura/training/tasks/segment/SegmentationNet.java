package perdura.training.tasks.segment;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import perdura.datasets.data.ImageBatch;
import perdura.training.nn.MaskLoss;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.UNet;
import perdura.training.tasks.fit.FitNet;
import perdura.training.tasks.fit.NetPrograms;
import perdura.training.tasks.fit.NetWeights;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A U-Net on a device. Lives as long as its engine. */
final class SegmentationNet implements FitNet<ImageBatch> {
    /** A batch without any mask, whose Dice loss has a gradient of 0. */
    static final String WITHOUT_TRUTH = "batch_without_truth";

    private final UNet model;
    private final MaskLoss loss;
    private final NetWeights weights;
    private final NetPrograms programs;

    /** @param copyOver told the first weights once they have the seed's values */
    SegmentationNet(Torch torch, UNet model, MaskLoss loss, long seed, Consumer<Parameters> copyOver) {
        this.model = model;
        this.loss = loss;
        this.weights = new NetWeights(torch, model.layout(), seed, copyOver);
        this.programs = new NetPrograms(weights, program(ScriptBuilder.Mode.TRAIN), program(ScriptBuilder.Mode.EVAL));
    }

    private ScriptBuilder program(ScriptBuilder.Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        model.write(program);
        loss.write(program);
        program.function("loss", "x: Tensor, y: Tensor", "List[Tensor]", """
                return [self.mask_loss(p, self.logits(p, x), y), torch.sum(y)]
                """);
        MaskRule.of(loss).write(program);
        program.function("measure", "x: Tensor, y: Tensor", "List[Tensor]", """
                z = self.logits(p, x)
                return [self.mask_loss(p, z, y), torch.sum(z), self.counts(p, z, y)]
                """);
        program.function(
                "answer", "x: Tensor", "Tensor", "return torch.to(self.on(p, self.logits(p, x)), 4)\n"); // int64
        return program;
    }

    @Override
    public NetWeights weights() {
        return weights;
    }

    @Override
    public List<String> trained() {
        return programs.trained();
    }

    @Override
    public StepLoss loss(StepScope scope, ImageBatch batch) {
        List<Tensor> found = programs.train(scope, "loss", images(scope, batch), masks(scope, batch));
        Map<String, Double> told = new LinkedHashMap<>();
        if (found.get(1).item() == 0) {
            told.put(WITHOUT_TRUTH, 1.0);
        }
        return new StepLoss(found.get(0), told);
    }

    /**
     * How a batch is answered.
     *
     * @param loss of the batch, not finite if a logit is NaN
     * @param sumOfLogits not finite if a logit isn't
     * @param counts of each image: pixels that are on, that are inside of the truth, that are both
     */
    record Measured(double loss, double sumOfLogits, List<Counts> counts) {
        record Counts(int predicted, int truth, int both) {}
    }

    Measured measure(NetWeights.Kind kind, ImageBatch batch) {
        try (StepScope scope = weights.torch().newStep()) {
            List<Tensor> found = programs.answer(kind, scope, "measure", images(scope, batch), masks(scope, batch));
            double[] counts = found.get(2).toDoubles(); // [B, 3]
            List<Measured.Counts> ofImages = new ArrayList<>(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                ofImages.add(
                        new Measured.Counts((int) counts[3 * i], (int) counts[3 * i + 1], (int) counts[3 * i + 2]));
            }
            return new Measured(found.get(0).item(), found.get(1).item(), ofImages);
        }
    }

    /** The pixels that are on, of all images one after the other: 1 or 0. */
    byte[] answer(NetWeights.Kind kind, ImageBatch batch) {
        try (StepScope scope = weights.torch().newStep()) {
            double[] on = programs.answer(kind, scope, "answer", images(scope, batch))
                    .get(0)
                    .toDoubles();
            byte[] mask = new byte[on.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = (byte) on[i];
            }
            return mask;
        }
    }

    private Tensor images(StepScope scope, ImageBatch batch) {
        return floats(scope, batch.images(), batch.size(), model.encoder().channels());
    }

    private static Tensor masks(StepScope scope, ImageBatch batch) {
        return floats(scope, Objects.requireNonNull(batch.masks()), batch.size(), 1);
    }

    /** [B, planes, S, S]. */
    private static Tensor floats(StepScope scope, FloatBuffer values, int size, int planes) {
        long side = Math.round(Math.sqrt((double) values.remaining() / size / planes));
        return scope.floats(values, size, planes, side, side);
    }
}
