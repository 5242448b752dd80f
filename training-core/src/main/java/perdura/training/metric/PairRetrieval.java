package perdura.training.metric;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Retrieval of pairs of an image and a report in both directions (sense.md 4.1). Several images can have one text. A rank is 1 + the number of
 * strictly greater scores among the other items, so ties are no loss. Beside it stands the rule that merges equal texts: an image ranks the distinct
 * texts, and each distinct text asks once and counts its best image.
 */
public final class PairRetrieval {
    private static final int[] KS = {1, 5, 10};

    /** The keys of {@link #metrics}. */
    public static final List<String> METRICS =
            List.copyOf(new PairRetrieval(new int[1], new int[1], new int[1], new int[1])
                    .metrics()
                    .keySet());

    private final Ranks imageToReport;
    private final Ranks reportToImage;
    private final Ranks imageToText;
    private final Ranks textToImage;

    private PairRetrieval(int[] imageToReport, int[] reportToImage, int[] imageToText, int[] textToImage) {
        this.imageToReport = new Ranks(imageToReport);
        this.reportToImage = new Ranks(reportToImage);
        this.imageToText = new Ranks(imageToText);
        this.textToImage = new Ranks(textToImage);
    }

    /**
     * Ranks everything. Reads the scores where they are, row by row.
     *
     * @param scores [images, texts], row after row, the greater the better, finite; from index 0, whatever the buffer's position
     * @param texts number of distinct texts, at least 1
     * @param textOf [images], the text of each image's report, in [0, texts); every text has an image
     * @throws IllegalArgumentException if it is not so
     */
    public static PairRetrieval of(FloatBuffer scores, int texts, int[] textOf) {
        int images = textOf.length;
        if (images == 0 || texts < 1 || scores.limit() != (long) images * texts) {
            throw new IllegalArgumentException("there must be [images, texts] = [" + images + ", " + texts
                    + "] scores with no side empty, were " + scores.limit());
        }
        int[] pairs = new int[texts]; // of each text
        float[] own = new float[images];
        float[] best = new float[texts]; // of a text's own images
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
        for (int image = 0; image < images; image++) {
            int text = textOf[image];
            if (text < 0 || text >= texts) {
                throw new IllegalArgumentException(
                        "image " + image + ": its text must be in [0, " + texts + "), was " + text);
            }
            pairs[text]++;
            own[image] = scores.get(image * texts + text);
            best[text] = Math.max(best[text], own[image]);
        }
        for (int text = 0; text < texts; text++) {
            if (pairs[text] == 0) {
                throw new IllegalArgumentException("text " + text + " belongs to no image");
            }
        }
        int[] imageToReport = ones(images);
        int[] imageToText = ones(images);
        int[] reportToImage = ones(images);
        int[] textToImage = ones(texts);
        for (int image = 0; image < images; image++) {
            int row = image * texts;
            for (int text = 0; text < texts; text++) {
                float score = scores.get(row + text);
                if (!Float.isFinite(score)) {
                    throw new IllegalArgumentException("image " + image + ": score " + text + " is " + score);
                }
                if (score > own[image]) {
                    imageToReport[image] += pairs[text];
                    imageToText[image]++;
                }
                if (score > best[text]) {
                    textToImage[text]++;
                }
            }
            for (int pair = 0; pair < images; pair++) {
                if (scores.get(row + textOf[pair]) > own[pair]) {
                    reportToImage[pair]++;
                }
            }
        }
        return new PairRetrieval(imageToReport, reportToImage, imageToText, textToImage);
    }

    private static int[] ones(int length) {
        int[] ones = new int[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Of each image, its own report among the reports of all images. */
    Ranks imageToReport() {
        return imageToReport;
    }

    /** Of each image's report, that image among all images. */
    Ranks reportToImage() {
        return reportToImage;
    }

    /** Of each image, its own text among the distinct texts. */
    Ranks imageToText() {
        return imageToText;
    }

    /** Of each distinct text, the best of its images among all images. */
    Ranks textToImage() {
        return textToImage;
    }

    /** The recalls and median ranks of both directions by name, {@code image_to_report_recall_at_1}; with {@code _merged} those of the merging rule. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        put(metrics, "image_to_report_", imageToReport, "");
        put(metrics, "report_to_image_", reportToImage, "");
        metrics.put("recall_sum", recallSum());
        put(metrics, "image_to_report_", imageToText, "_merged");
        put(metrics, "report_to_image_", textToImage, "_merged");
        return metrics;
    }

    private static void put(Map<String, Double> metrics, String direction, Ranks ranks, String rule) {
        for (int k : KS) {
            metrics.put(direction + "recall_at_" + k + rule, ranks.recallAt(k));
        }
        metrics.put(direction + "median_rank" + rule, ranks.median());
    }

    /** The sum of the recalls at 1, 5 and 10 over both directions, by which a checkpoint is chosen (sense.md 3e); at most 6. */
    double recallSum() {
        double sum = 0;
        for (int k : KS) {
            sum += imageToReport.recallAt(k) + reportToImage.recallAt(k);
        }
        return sum;
    }

    /** The rank of the right answer to each query, from 1. */
    static final class Ranks {
        private final int[] ranks;

        private Ranks(int[] ranks) {
            this.ranks = ranks;
        }

        /** A copy, in the order of the queries. */
        int[] toArray() {
            return ranks.clone();
        }

        /** The share of queries with a rank of at most k: R@k, over 100. */
        public double recallAt(int k) {
            return (double) Arrays.stream(ranks).filter(rank -> rank <= k).count() / ranks.length;
        }

        /** The mean of the two in the middle if their number is even. */
        public double median() {
            int[] sorted = toArray();
            Arrays.sort(sorted);
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2.0;
        }
    }
}
