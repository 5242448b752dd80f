package perdura.training.metric;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Dice of the masks of images, image after image: 2 |P and T| / (|P| + |T|) of an image, P the pixels that were called on and T those of the truth. An
 * image without truth scores 1 if nothing was called on, else 0; no image is left out (prior.md 4.4, sense.md 4.4). Keeps one number of each image.
 */
public final class DiceScores {
    /** The keys of {@link #metrics}. */
    public static final List<String> METRICS = List.of("dice", "dice-positives", "dice-empty");

    private double[] ofImage = new double[64];
    private int images;
    private double sumOfPositives;
    private int positives;

    /**
     * Adds an image whose pixels were counted.
     *
     * @param predicted pixels that were called on
     * @param truth pixels of the truth
     * @param both pixels of both
     * @throws IllegalArgumentException unless 0 <= both <= each of the others
     */
    public void add(int predicted, int truth, int both) {
        double dice = dice(predicted, truth, both);
        if (images == ofImage.length) {
            ofImage = Arrays.copyOf(ofImage, 2 * images);
        }
        ofImage[images++] = dice;
        if (truth > 0) {
            positives++;
            sumOfPositives += dice;
        }
    }

    private static double dice(int predicted, int truth, int both) {
        if (both < 0 || both > predicted || both > truth) {
            throw new IllegalArgumentException("pixels of both must be in [0, either's], were " + both + " of "
                    + predicted + " predicted and " + truth + " true");
        }
        long total = (long) predicted + truth;
        return total == 0 ? 1 : 2.0 * both / total;
    }

    /** How many images were added. */
    public int images() {
        return images;
    }

    /** Of each image, in the order in which they were added. */
    public double[] toArray() {
        return Arrays.copyOf(ofImage, images);
    }

    /** Mean over all images. Undefined without any. */
    public MetricValue mean() {
        return images == 0
                ? MetricValue.undefined("Dice needs an image")
                : MetricValue.of(Arrays.stream(ofImage, 0, images).sum() / images);
    }

    /** Mean over the images that have a pixel of truth. Undefined without any. */
    public MetricValue meanOfPositives() {
        return positives == 0
                ? MetricValue.undefined(
                        "Dice on positives needs a mask that is not empty, all " + images + " masks are empty")
                : MetricValue.of(sumOfPositives / positives);
    }

    /** The mean of an answer that calls no pixel on, of any image: the share of images without truth. Undefined without images. */
    public MetricValue meanOfEmptyAnswer() {
        return images == 0
                ? MetricValue.undefined("Dice needs an image")
                : MetricValue.of((double) (images - positives) / images);
    }

    /**
     * As metrics by MLflow key. What is undefined is left out, and {@code undefined} counts it.
     *
     * @param prefix of the keys, without the slash
     */
    public Map<String, Double> metrics(String prefix) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        mean().find().ifPresent(value -> metrics.put(prefix + "/dice", value));
        meanOfPositives().find().ifPresent(value -> metrics.put(prefix + "/dice-positives", value));
        meanOfEmptyAnswer().find().ifPresent(value -> metrics.put(prefix + "/dice-empty", value));
        if (metrics.size() < METRICS.size()) {
            metrics.put(prefix + "/undefined", (double) (METRICS.size() - metrics.size()));
        }
        return metrics;
    }
}
