package perdura.training.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * COCO's average precision of one class of boxes, image after image (prior.md 4.5); agrees with {@code pycocotools.cocoeval.COCOeval} over all areas.
 * Of an image the best 100 detections count, best first. Each takes the truth that is still free and has the greatest IoU of at least the threshold,
 * the last one on a tie. All images are ranked together by score. Equal scores stay in the order in which they came. Keeps a score and ten bits of each
 * detection.
 */
public final class CocoAveragePrecision {
    /** The keys of {@link Result#metrics}. */
    public static final List<String> METRICS = List.of("map", "ap50", "ap75");

    /** The IoU from which on a detection is a hit: 0.5 to 0.95, NumPy's linspace to the bit. */
    public static final List<Double> THRESHOLDS = IntStream.range(0, 10)
            .mapToObj(i -> i == 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9))
            .toList();

    /** Detections that count of an image. */
    public static final int DETECTIONS_PER_IMAGE = 100;

    private static final int RECALL_POINTS = 101;
    private static final double[] IOU = THRESHOLDS.stream().mapToDouble(t -> t).toArray();

    private int images;
    private int truths;
    private int detections;
    private double[] scores = new double[1024];
    private short[] hits = new short[1024]; // bit t: a hit at threshold t

    /**
     * Adds an image.
     *
     * @param truth [boxes, 4]: x, y, width and height of each, finite, no side negative
     * @param boxes [detections, 4], likewise
     * @param scores [detections], not NaN, in any order
     * @throws IllegalArgumentException if it is not so
     */
    public void add(double[] truth, double[] boxes, double[] scores) {
        checkBoxes("truth", truth);
        checkBoxes("detection", boxes);
        if (boxes.length != 4 * scores.length) {
            throw new IllegalArgumentException("image " + images + ": there must be a score for each of "
                    + boxes.length / 4 + " detections, were " + scores.length);
        }
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException("image " + images + ": score " + i + " is NaN");
            }
        }
        int[] order = Ranking.descending(scores, 0, scores.length);
        int counted = Math.min(order.length, DETECTIONS_PER_IMAGE);
        if (detections + counted > this.scores.length) {
            int length = Math.max(detections + counted, 2 * this.scores.length);
            this.scores = Arrays.copyOf(this.scores, length);
            hits = Arrays.copyOf(hits, length);
        }
        int free = truth.length / 4;
        short[] taken = new short[free]; // bit t: by a better detection at threshold t
        double[] overlaps = new double[free];
        for (int i = 0; i < counted; i++) {
            for (int g = 0; g < free; g++) {
                overlaps[g] = iou(boxes, 4 * order[i], truth, 4 * g);
            }
            this.scores[detections + i] = scores[order[i]];
            hits[detections + i] = match(overlaps, taken);
        }
        detections += counted;
        truths += free;
        images++;
    }

    /**
     * Boxes as COCO has them.
     *
     * @param corners [boxes, 4]: left, top, right and bottom of each
     * @return [boxes, 4]: x, y, width and height of each
     */
    public static double[] ofCorners(double[] corners) {
        double[] boxes = new double[corners.length];
        for (int i = 0; i < corners.length; i++) {
            boxes[i] = i % 4 < 2 ? corners[i] : corners[i] - corners[i - 2];
        }
        return boxes;
    }

    private void checkBoxes(String name, double[] boxes) {
        if (boxes.length % 4 != 0) {
            throw new IllegalArgumentException(
                    "image " + images + ": a " + name + " must have 4 numbers, were " + boxes.length + " in all");
        }
        for (int i = 0; i < boxes.length; i++) {
            if (!Double.isFinite(boxes[i]) || (i % 4 > 1 && boxes[i] < 0)) {
                throw new IllegalArgumentException("image " + images + ": " + name + " " + i / 4
                        + " must be finite with no side negative, was "
                        + Arrays.toString(Arrays.copyOfRange(boxes, i - i % 4, i - i % 4 + 4)));
            }
        }
    }

    private static double iou(double[] a, int i, double[] b, int j) {
        double width = Math.min(a[i] + a[i + 2], b[j] + b[j + 2]) - Math.max(a[i], b[j]);
        double height = Math.min(a[i + 1] + a[i + 3], b[j + 1] + b[j + 3]) - Math.max(a[i + 1], b[j + 1]);
        if (width <= 0 || height <= 0) {
            return 0;
        }
        double both = width * height;
        return both / (a[i + 2] * a[i + 3] + b[j + 2] * b[j + 3] - both);
    }

    /** Takes a truth at each threshold. */
    private static short match(double[] overlaps, short[] taken) {
        int hit = 0;
        for (int t = 0; t < IOU.length; t++) {
            double best = IOU[t];
            int chosen = -1;
            for (int g = 0; g < overlaps.length; g++) {
                if (overlaps[g] >= best && (taken[g] >> t & 1) == 0) {
                    best = overlaps[g];
                    chosen = g;
                }
            }
            if (chosen >= 0) {
                taken[chosen] |= (short) (1 << t);
                hit |= 1 << t;
            }
        }
        return (short) hit;
    }

    /** What the images so far come to. */
    public Result result() {
        if (truths == 0) {
            MetricValue none =
                    MetricValue.undefined("average precision needs a truth box, the " + images + " images have none");
            return new Result(Collections.nCopies(IOU.length, none));
        }
        int[] order = Ranking.descending(scores, 0, detections);
        int[][] ranks = new int[IOU.length][truths]; // of each hit, from 1
        int[] found = new int[IOU.length];
        for (int rank = 1; rank <= detections; rank++) {
            int hit = hits[order[rank - 1]];
            while (hit != 0) {
                int t = Integer.numberOfTrailingZeros(hit);
                ranks[t][found[t]++] = rank;
                hit &= hit - 1;
            }
        }
        return new Result(IntStream.range(0, IOU.length)
                .mapToObj(t -> MetricValue.of(averagePrecision(ranks[t], found[t])))
                .toList());
    }

    /** Precision and recall rise at hits alone, so only those are looked at. */
    private double averagePrecision(int[] ranks, int found) {
        double[] precision = new double[found]; // the greatest at this hit or a later one
        double greatest = 0;
        for (int k = found - 1; k >= 0; k--) {
            greatest = Math.max(greatest, (k + 1.0) / ranks[k]);
            precision[k] = greatest;
        }
        double sum = 0;
        int k = 0;
        for (int point = 0; point < RECALL_POINTS; point++) {
            double recall = point == RECALL_POINTS - 1 ? 1 : point * 0.01;
            while (k < found && (k + 1.0) / truths < recall) {
                k++;
            }
            sum += k < found ? precision[k] : 0;
        }
        return sum / RECALL_POINTS;
    }

    /**
     * Average precisions.
     *
     * @param perThreshold in the order of {@link #THRESHOLDS}; all of them undefined if no image had a truth
     */
    public record Result(List<MetricValue> perThreshold) {
        public Result {
            perThreshold = List.copyOf(perThreshold);
            if (perThreshold.size() != IOU.length) {
                throw new IllegalArgumentException(
                        "there must be " + IOU.length + " average precisions, were " + perThreshold.size());
            }
        }

        /** Mean over the thresholds. */
        public MetricValue map() {
            MetricValue first = ap50();
            return first.undefined() != null
                    ? first
                    : MetricValue.of(perThreshold.stream()
                                    .mapToDouble(MetricValue::number)
                                    .sum()
                            / perThreshold.size());
        }

        /** At IoU 0.5. */
        public MetricValue ap50() {
            return perThreshold.get(0);
        }

        /** At IoU 0.75. */
        public MetricValue ap75() {
            return perThreshold.get(5);
        }

        /**
         * As metrics by MLflow key. If they are undefined there are none, and {@code undefined} counts them.
         *
         * @param prefix of the keys, without the slash
         */
        public Map<String, Double> metrics(String prefix) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            map().find().ifPresent(value -> metrics.put(prefix + "/map", value));
            ap50().find().ifPresent(value -> metrics.put(prefix + "/ap50", value));
            ap75().find().ifPresent(value -> metrics.put(prefix + "/ap75", value));
            if (metrics.isEmpty()) {
                metrics.put(prefix + "/undefined", (double) METRICS.size());
            }
            return metrics;
        }
    }
}
