package perdura.training.methods.prior;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.PairBatch;
import perdura.training.methods.prior.model.PrototypeCounts;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The losses and figures of a stage on held-out pairs, as evaluation sees them: running statistics, no dropout, no noise, the temperature
 * of evaluation, nothing hidden. No draw is made and no state is changed.
 */
final class StageValidation {
    /** In evaluation the same as the prototypes' own. */
    private static final String QUERY = "query_greatest_weight";

    private static final String IMAGE_ERROR = "loss_img";

    private final ModelSpec model;
    private final HeldOutPairs pairs;
    private @Nullable Double meanImageError;

    StageValidation(ModelSpec model, HeldOutPairs pairs) {
        this.model = model;
        this.pairs = pairs;
    }

    /** A stage's pass over a batch in evaluation mode, without a record. */
    interface Evaluation {
        /** @param tau temperature of evaluation */
        StageForward.Result run(StepScope scope, List<Tensor> batch, double tau);
    }

    /**
     * The means over all batches, each of which counts the same.
     *
     * @return by MLflow key; empty without pairs
     */
    Map<String, Double> measure(Torch torch, Evaluation evaluation) {
        Map<String, Double> sums = new LinkedHashMap<>();
        PrototypeCounts usage = new PrototypeCounts(model.prototypes());
        boolean usesBank = false;
        for (int i = 0; i < pairs.count(); i++) {
            PairBatch batch = pairs.batches().apply(i);
            try (StepScope scope = torch.newStep()) {
                StageForward.Result result = evaluation.run(
                        scope,
                        BatchTensors.of(scope, batch, model.imageSize()),
                        model.spb().evaluationTau());
                sums.merge("loss", result.total().item(), Double::sum);
                result.figures().forEach((figure, value) -> sums.merge(figure, value, Double::sum));
                PrototypeCounts counts = result.counts();
                if (counts != null) {
                    usage.add(counts);
                    usesBank = true;
                }
            }
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        sums.forEach((figure, sum) -> {
            if (!figure.equals(QUERY)) {
                metrics.put("validation/" + figure, sum / pairs.count());
            }
        });
        Double imageError = sums.get(IMAGE_ERROR);
        if (imageError != null) {
            metrics.put("validation/img_relative", imageError / pairs.count() / meanImageError());
        }
        StageMetrics.putUsage(metrics, "validation/prototype", usesBank ? usage : null);
        return metrics;
    }

    /** The mean absolute error of one guess for all pairs: the mean of their images, pixel by pixel. */
    private double meanImageError() {
        Double known = meanImageError;
        if (known == null) {
            double[] mean = new double[model.imageSize() * model.imageSize()];
            double[] count = {0};
            forEachImage((pixels, offset) -> {
                count[0]++;
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += (pixels.get(offset + i) - mean[i]) / count[0];
                }
            });
            double[] error = {0};
            forEachImage((pixels, offset) -> {
                for (int i = 0; i < mean.length; i++) {
                    error[0] += Math.abs(pixels.get(offset + i) - mean[i]);
                }
            });
            known = error[0] / (count[0] * mean.length);
            meanImageError = known;
        }
        return known;
    }

    private void forEachImage(ImageReader reader) {
        int pixels = model.imageSize() * model.imageSize();
        for (int i = 0; i < pairs.count(); i++) {
            PairBatch batch = pairs.batches().apply(i);
            for (int image = 0; image < batch.size(); image++) {
                reader.read(batch.images(), image * pixels);
            }
        }
    }

    private interface ImageReader {
        void read(FloatBuffer pixels, int offset);
    }

    /**
     * Batches that a training is measured on and never learns from.
     *
     * @param count number of batches
     * @param batches the batch of an index; always the same
     * @param whyNone what to tell where there should be some and are none
     */
    record HeldOutPairs(
            int count,
            IntFunction<PairBatch> batches,
            @Nullable String whyNone) {
        /** Nothing is measured, and nothing is told of it. */
        static final HeldOutPairs NONE = new HeldOutPairs(
                0,
                index -> {
                    throw new IllegalArgumentException("there is no batch " + index);
                },
                null);
    }
}
