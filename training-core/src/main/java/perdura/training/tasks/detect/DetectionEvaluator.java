package perdura.training.tasks.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import perdura.training.metric.CocoAveragePrecision;
import perdura.training.tasks.fit.Evaluator;
import perdura.training.tasks.fit.NetWeights;

/** COCO's average precision of a detector (prior.md 4.5), image after image. */
final class DetectionEvaluator implements Evaluator<BoxBatch, DetectionEvaluator.DetectionScores> {
    private final DetectorNet net;
    private final NetWeights.Kind kind;
    private final CocoAveragePrecision precision = new CocoAveragePrecision();
    private final List<Double> each = new ArrayList<>();

    DetectionEvaluator(DetectorNet net, NetWeights.Kind kind) {
        this.net = net;
        this.kind = kind;
    }

    /**
     * What a detector is worth.
     *
     * @param each mAP of each image alone, in the order of the part
     */
    record DetectionScores(CocoAveragePrecision.Result precision, List<Double> each) implements Evaluation {
        DetectionScores {
            each = List.copyOf(each);
        }

        /** None is measured. */
        @Override
        public double loss() {
            return Double.NaN;
        }

        double map() {
            return precision.map().number();
        }

        @Override
        public Map<String, Double> metrics(String prefix) {
            return precision.metrics(prefix);
        }
    }

    @Override
    public OptionalDouble add(BoxBatch batch) {
        DetectorPass.Found found = net.detect(kind, batch);
        if (found.notFinite().isPresent()) {
            return found.notFinite();
        }
        for (int i = 0; i < batch.size(); i++) {
            double[] truth =
                    CocoAveragePrecision.ofCorners(batch.truths().get(i).boxes());
            Detections detections = found.images().get(i);
            double[] boxes = CocoAveragePrecision.ofCorners(detections.boxes());
            precision.add(truth, boxes, detections.scores());
            CocoAveragePrecision alone = new CocoAveragePrecision();
            alone.add(truth, boxes, detections.scores());
            each.add(alone.result().map().number());
        }
        return OptionalDouble.empty();
    }

    @Override
    public DetectionScores result() {
        return new DetectionScores(precision.result(), each);
    }
}
