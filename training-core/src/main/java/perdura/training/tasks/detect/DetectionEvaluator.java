package perdura.training.tasks.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import perdura.training.metric.CocoAveragePrecision;
import perdura.training.tasks.fit.Evaluator;
import perdura.training.tasks.fit.NetWeights;

/** COCO's average precision of a detector (prior.md 4.5), and the images that it does best and worst on. */
final class DetectionEvaluator implements Evaluator<BoxBatch, DetectionEvaluator.DetectionScores> {
    /** Images that are kept to be shown, of the best and of the worst each. */
    static final int SHOWN = 4;

    private final DetectorNet net;
    private final NetWeights.Kind kind;
    private final CocoAveragePrecision precision = new CocoAveragePrecision();
    private final List<Shown> best = new ArrayList<>();
    private final List<Shown> worst = new ArrayList<>();

    DetectionEvaluator(DetectorNet net, NetWeights.Kind kind) {
        this.net = net;
        this.kind = kind;
    }

    /**
     * An image to be shown.
     *
     * @param row in the data set
     * @param map of this image alone
     */
    record Shown(int row, String id, Truth truth, Detections found, double map) {}

    /**
     * What a detector is worth.
     *
     * @param best images, the best first; of equals the first in the part
     * @param worst images, the worst first
     */
    record DetectionScores(CocoAveragePrecision.Result precision, List<Shown> best, List<Shown> worst)
            implements Evaluation {
        DetectionScores {
            best = List.copyOf(best);
            worst = List.copyOf(worst);
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
            Detections detections = found.images().get(i);
            double[] truth = sides(batch.truths().get(i).boxes());
            double[] boxes = sides(detections.boxes());
            precision.add(truth, boxes, detections.scores());
            CocoAveragePrecision alone = new CocoAveragePrecision();
            alone.add(truth, boxes, detections.scores());
            double map = alone.result().map().find().orElse(0);
            Shown shown = new Shown(
                    batch.rows().get(i), batch.ids().get(i), batch.truths().get(i), detections, map);
            keep(best, shown, Comparator.comparingDouble(Shown::map).reversed());
            keep(worst, shown, Comparator.comparingDouble(Shown::map));
        }
        return OptionalDouble.empty();
    }

    private static void keep(List<Shown> kept, Shown added, Comparator<Shown> order) {
        kept.add(added);
        kept.sort(order); // stable: the first of equals stays
        if (kept.size() > SHOWN) {
            kept.remove(SHOWN);
        }
    }

    /** Corners as x, y, width, height. */
    private static double[] sides(double[] corners) {
        double[] sides = corners.clone();
        for (int at = 0; at < sides.length; at += 4) {
            sides[at + 2] -= sides[at];
            sides[at + 3] -= sides[at + 1];
        }
        return sides;
    }

    @Override
    public DetectionScores result() {
        return new DetectionScores(precision.result(), best, worst);
    }
}
