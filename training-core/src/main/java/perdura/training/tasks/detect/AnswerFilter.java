package perdura.training.tasks.detect;

import java.util.Arrays;
import java.util.stream.IntStream;
import perdura.training.metric.Ranking;
import perdura.training.tasks.detect.DetectorSpec.HeadSpec;

/** Makes answers of what the head says of an image's proposals (prior.md 4.5, "Test"); {@code postprocess_detections} of torchvision's RoIHeads. */
record AnswerFilter(DetectorSpec spec) {
    /**
     * The answers of an image.
     *
     * @param logits [R, K]
     * @param deltas [R, 4 K]
     */
    Detections choose(double[] proposals, double[] logits, double[] deltas) {
        HeadSpec head = spec.head();
        int classes = spec.classes();
        int count = Boxes.count(proposals) * classes;
        double[] boxes = new double[4 * count]; // proposal by proposal, class by class
        double[] scores = softmax(logits, classes);
        for (int i = 0; i < count; i++) {
            if (i % classes > 0 && scores[i] > head.score()) {
                BoxCoder.HEAD.decode(deltas, 4 * i, proposals, i / classes, boxes, i);
                Boxes.clip(boxes, i, spec.height(), spec.width());
            }
        }
        int[] order = Ranking.descending(
                scores,
                IntStream.range(0, count)
                        .filter(i -> i % classes > 0
                                && scores[i] > head.score()
                                && Boxes.isAtLeast(boxes, i, HeadSpec.LEAST_SIDE))
                        .toArray());
        int[] kept = new int[0];
        for (int k = 1; k < classes; k++) {
            int own = k;
            int[] ofClass = Arrays.stream(order).filter(i -> i % classes == own).toArray();
            int[] staying = Suppression.keep(boxes, ofClass, head.overlap(), head.detections());
            int before = kept.length;
            kept = Arrays.copyOf(kept, before + staying.length);
            System.arraycopy(staying, 0, kept, before, staying.length);
        }
        Arrays.sort(kept); // of equal scores the first box comes first, whatever its class
        int[] ranked = Ranking.descending(scores, kept);
        int[] answered = Arrays.copyOf(ranked, Math.min(ranked.length, head.detections()));
        return new Detections(
                Boxes.pick(boxes, answered),
                Arrays.stream(answered).mapToDouble(i -> scores[i]).toArray(),
                Arrays.stream(answered).map(i -> i % classes).toArray());
    }

    /** Over each row. */
    private static double[] softmax(double[] logits, int columns) {
        double[] shares = new double[logits.length];
        for (int row = 0; row < logits.length; row += columns) {
            double greatest = Double.NEGATIVE_INFINITY;
            for (int i = row; i < row + columns; i++) {
                greatest = Math.max(greatest, logits[i]);
            }
            double sum = 0;
            for (int i = row; i < row + columns; i++) {
                shares[i] = StrictMath.exp(logits[i] - greatest);
                sum += shares[i];
            }
            for (int i = row; i < row + columns; i++) {
                shares[i] /= sum;
            }
        }
        return shares;
    }
}
