package perdura.training.tasks.segment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import perdura.datasets.data.ImageBatch;
import perdura.training.metric.DiceScores;
import perdura.training.tasks.fit.Evaluator;
import perdura.training.tasks.fit.NetWeights;
import perdura.training.tasks.segment.SegmentationNet.Measured;

/** Dice of a U-Net's masks, image after image; pixels are counted on the device. */
final class MaskEvaluator implements Evaluator<ImageBatch, MaskEvaluator.MaskScores> {
    private final SegmentationNet net;
    private final NetWeights.Kind kind;
    private final DiceScores dice = new DiceScores();
    private final List<Boolean> hasTruth = new ArrayList<>();
    private double sumOfLosses;

    MaskEvaluator(SegmentationNet net, NetWeights.Kind kind) {
        this.net = net;
        this.kind = kind;
    }

    /**
     * What a U-Net is worth.
     *
     * @param loss mean over the images, each with that of its batch
     * @param hasTruth whether an image has a pixel of truth, in the order of the part
     */
    record MaskScores(double loss, DiceScores dice, List<Boolean> hasTruth) implements Evaluation {
        MaskScores {
            hasTruth = List.copyOf(hasTruth);
        }

        double meanDice() {
            return dice.mean().number();
        }

        @Override
        public Map<String, Double> metrics(String prefix) {
            Map<String, Double> metrics = new LinkedHashMap<>(dice.metrics(prefix));
            metrics.put(prefix + "/loss", loss);
            return metrics;
        }
    }

    @Override
    public OptionalDouble add(ImageBatch batch) {
        Measured measured = net.measure(kind, batch);
        if (!Double.isFinite(measured.sumOfLogits()) || !Double.isFinite(measured.loss())) {
            return OptionalDouble.of(Double.isFinite(measured.loss()) ? measured.sumOfLogits() : measured.loss());
        }
        sumOfLosses += measured.loss() * batch.size();
        for (Measured.Counts counts : measured.counts()) {
            dice.add(counts.predicted(), counts.truth(), counts.both());
            hasTruth.add(counts.truth() > 0);
        }
        return OptionalDouble.empty();
    }

    @Override
    public MaskScores result() {
        return new MaskScores(sumOfLosses / dice.images(), dice, hasTruth);
    }
}
