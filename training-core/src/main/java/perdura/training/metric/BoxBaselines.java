package perdura.training.metric;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.seeds.Seeds;

/**
 * What boxes are worth that need no learning, the same on every image, so that an average precision is never read alone: the mean of the training
 * boxes; the mean of those on each half of the image; and the centres of 24 clusters of them. Their scores are the shares of the training boxes that
 * they stand for.
 */
public final class BoxBaselines {
    private static final int CLUSTERS = 24;
    private static final int MOST_ROUNDS = 100;

    private BoxBaselines() {}

    /**
     * Average precisions of each answer on the test images: {@code baseline/mean-box/map}, {@code ap50} and {@code ap75}, the same of
     * {@code mean-box-of-each-half} and {@code k-means-boxes}.
     *
     * @param train boxes of each training image [boxes, 4]: left, top, right, bottom; at least one box in all
     * @param test boxes of each test image, likewise
     * @param width of an image, in the boxes' unit
     * @throws IllegalArgumentException if there is no training box
     */
    public static Map<String, Double> measure(List<double[]> train, List<double[]> test, double width) {
        double[] boxes = train.stream().flatMapToDouble(Arrays::stream).toArray();
        int count = boxes.length / 4;
        if (count == 0) {
            throw new IllegalArgumentException("there must be a training box");
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        put("mean-box", means(boxes, new int[count], 1), test, metrics);
        int[] halves = IntStream.range(0, count)
                .map(box -> boxes[4 * box] + boxes[4 * box + 2] < width ? 0 : 1)
                .toArray();
        put("mean-box-of-each-half", means(boxes, halves, 2), test, metrics);
        put("k-means-boxes", clusters(boxes), test, metrics);
        return metrics;
    }

    /**
     * Boxes with scores.
     *
     * @param boxes corners
     * @param scores of the boxes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(double[] boxes, double[] scores) {}

    private static void put(String name, Answer answer, List<double[]> test, Map<String, Double> metrics) {
        CocoAveragePrecision precision = new CocoAveragePrecision();
        double[] found = CocoAveragePrecision.ofCorners(answer.boxes);
        for (double[] truth : test) {
            precision.add(CocoAveragePrecision.ofCorners(truth), found, answer.scores);
        }
        metrics.putAll(precision.result().metrics("baseline/" + name));
    }

    /** The mean box of each group, and the share of the boxes that it has; groups without a box are left out. */
    private static Answer means(double[] boxes, int[] groups, int groupCount) {
        double[] sums = new double[4 * groupCount];
        int[] sizes = new int[groupCount];
        for (int box = 0; box < groups.length; box++) {
            sizes[groups[box]]++;
            for (int i = 0; i < 4; i++) {
                sums[4 * groups[box] + i] += boxes[4 * box + i];
            }
        }
        int[] used =
                IntStream.range(0, groupCount).filter(group -> sizes[group] > 0).toArray();
        return new Answer(
                Arrays.stream(used)
                        .flatMap(group -> IntStream.range(4 * group, 4 * group + 4))
                        .mapToDouble(i -> sums[i] / sizes[i / 4])
                        .toArray(),
                Arrays.stream(used)
                        .mapToDouble(group -> (double) sizes[group] / groups.length)
                        .toArray());
    }

    /** Lloyd's rounds from boxes that are drawn by a fixed seed, until no box changes its cluster. */
    private static Answer clusters(double[] boxes) {
        int count = boxes.length / 4;
        int[] first = Seeds.stream("k-means boxes").permutation(count);
        int[] drawn = Arrays.copyOf(first, Math.min(CLUSTERS, count));
        Answer centres = new Answer(
                Arrays.stream(drawn)
                        .flatMap(box -> IntStream.range(4 * box, 4 * box + 4))
                        .mapToDouble(i -> boxes[i])
                        .toArray(),
                new double[drawn.length]);
        int[] groups = new int[count];
        for (int round = 0; round < MOST_ROUNDS; round++) {
            int[] before = groups;
            groups = nearest(boxes, centres.boxes);
            centres = means(boxes, groups, centres.scores.length);
            if (round > 0 && Arrays.equals(before, groups)) {
                break;
            }
        }
        return centres;
    }

    /** Of each box the centre with the least sum of squared differences of corners, the first of equals. */
    private static int[] nearest(double[] boxes, double[] centres) {
        return IntStream.range(0, boxes.length / 4)
                .map(box -> {
                    double least = Double.POSITIVE_INFINITY;
                    int chosen = 0;
                    for (int centre = 0; centre < centres.length / 4; centre++) {
                        double distance = 0;
                        for (int i = 0; i < 4; i++) {
                            double apart = boxes[4 * box + i] - centres[4 * centre + i];
                            distance += apart * apart;
                        }
                        if (distance < least) {
                            least = distance;
                            chosen = centre;
                        }
                    }
                    return chosen;
                })
                .toArray();
    }
}
