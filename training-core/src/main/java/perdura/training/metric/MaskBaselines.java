package perdura.training.metric;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.DataSet;
import perdura.datasets.split.RowList;

/**
 * What masks are worth that need no learning, so that a Dice is never read alone: no pixel at all; the pixels that are on in a share of the training
 * masks, on every image; and the mask of the training image that is nearest by its pixels.
 */
public final class MaskBaselines {
    /** Shares that are tried: 1/20 to 10/20. */
    private static final int LEVELS = 10;

    private static final int LEVELS_OF_ALL = 20;

    /** Cells along a side of the images that are compared; each is the sum of its pixels. */
    private static final int GRID = 32;

    private final DataSet data;
    private final NpyFile images;
    private final NpyFile masks;
    private final RowList train;
    private final RowList test;

    private MaskBaselines(DataSet data, RowList train, RowList test) {
        this.data = data;
        this.images = data.images();
        this.masks = data.array("masks");
        this.train = train;
        this.test = test;
    }

    /**
     * Dice of each answer on the test rows, over all of them and over those with a mask that is not empty: {@code baseline/empty/dice},
     * {@code baseline/empty/dice-positives}, the same of {@code mean-mask} and {@code nearest-image}. Means over no image are left out.
     *
     * @param data with masks
     * @param train at least one row
     * @param test at least one row
     */
    public static Map<String, Double> measure(DataSet data, RowList train, RowList test) {
        MaskBaselines all = new MaskBaselines(data, train, test);
        Map<String, Double> metrics = new LinkedHashMap<>();
        byte[] empty = new byte[all.masks.rowBytes()];
        all.put("empty", place -> empty, metrics);
        byte[] mean = all.meanMask();
        all.put("mean-mask", place -> mean, metrics);
        int[] nearest = all.nearestImages();
        all.put("nearest-image", place -> all.mask(train.at(nearest[place])), metrics);
        return metrics;
    }

    private byte[] mask(int row) {
        return masks.read(data.firstImage(row));
    }

    /** @param answer by place among the test rows */
    private void put(String name, IntFunction<byte[]> answer, Map<String, Double> metrics) {
        DiceScores scores = new DiceScores();
        for (int place = 0; place < test.size(); place++) {
            byte[] predicted = answer.apply(place);
            byte[] truth = mask(test.at(place));
            int ofPredicted = 0;
            int ofTruth = 0;
            int ofBoth = 0;
            for (int i = 0; i < truth.length; i++) {
                ofPredicted += predicted[i];
                ofTruth += truth[i];
                ofBoth += predicted[i] & truth[i];
            }
            scores.add(ofPredicted, ofTruth, ofBoth);
        }
        scores.mean().find().ifPresent(dice -> metrics.put("baseline/" + name + "/dice", dice));
        scores.meanOfPositives().find().ifPresent(dice -> metrics.put("baseline/" + name + "/dice-positives", dice));
    }

    /** On where a share of the training masks is; the share is the one that is best for the training images that have a mask, the least of equals. */
    private byte[] meanMask() {
        int[] counts = new int[masks.rowBytes()];
        train.stream().forEach(row -> {
            byte[] mask = mask(row);
            for (int i = 0; i < mask.length; i++) {
                counts[i] += mask[i];
            }
        });
        int[] levels = new int[counts.length]; // the greatest share that the pixel reaches
        int[] predicted = new int[LEVELS + 1]; // pixels that reach a share
        for (int i = 0; i < counts.length; i++) {
            levels[i] = (int) Math.min(LEVELS, (long) LEVELS_OF_ALL * counts[i] / train.size());
            for (int level = 0; level <= levels[i]; level++) {
                predicted[level]++;
            }
        }
        double[] sums = new double[LEVELS + 1];
        train.stream().forEach(row -> addDice(mask(row), levels, predicted, sums));
        int best = 1;
        for (int level = 2; level <= LEVELS; level++) {
            best = sums[level] > sums[best] ? level : best;
        }
        byte[] mean = new byte[counts.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (byte) (levels[i] >= best ? 1 : 0);
        }
        return mean;
    }

    private static void addDice(byte[] truth, int[] levels, int[] predicted, double[] sums) {
        int[] both = new int[LEVELS + 1];
        int total = 0;
        for (int i = 0; i < truth.length; i++) {
            if (truth[i] != 0) {
                total++;
                for (int level = 0; level <= levels[i]; level++) {
                    both[level]++;
                }
            }
        }
        for (int level = 1; level <= LEVELS && total > 0; level++) {
            sums[level] += 2.0 * both[level] / (predicted[level] + total);
        }
    }

    /** Of each test row the place of the nearest training row: least sum of squared differences of cells, the first of equals. */
    private int[] nearestImages() {
        int[][] known = train.stream().mapToObj(this::cells).toArray(int[][]::new);
        return test.stream()
                .map(row -> {
                    int[] own = cells(row);
                    long least = Long.MAX_VALUE;
                    int nearest = 0;
                    for (int i = 0; i < known.length; i++) {
                        long distance = distance(own, known[i], least);
                        if (distance < least) {
                            least = distance;
                            nearest = i;
                        }
                    }
                    return nearest;
                })
                .toArray();
    }

    private int[] cells(int row) {
        int side = Math.toIntExact(images.shape().get(1));
        byte[] pixels = images.read(data.firstImage(row));
        int[] cells = new int[GRID * GRID];
        for (int y = 0; y < side; y++) {
            int cellsOfRow = y * GRID / side * GRID;
            for (int x = 0; x < side; x++) {
                cells[cellsOfRow + x * GRID / side] += pixels[y * side + x] & 0xFF;
            }
        }
        return cells;
    }

    /** A sum that reaches {@code least} is not finished. */
    private static long distance(int[] a, int[] b, long least) {
        long sum = 0;
        for (int from = 0; from < a.length && sum < least; from += GRID) {
            for (int i = from; i < from + GRID; i++) {
                int apart = a[i] - b[i];
                sum += (long) apart * apart;
            }
        }
        return sum;
    }
}
