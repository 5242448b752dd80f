package perdura.datasets.data;

import java.util.Arrays;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.EnumWord;

/**
 * The random draws of a SENSE run. Each is a function of its purpose, the run seed, the epoch and the study's key alone
 * (sense.md 1.3, 1.5, 3b); unlike those of {@link PairBatches.PairDraws}, no stage enters.
 */
public record SenseDraws(long seed) {
    /** The two independent views of a study. */
    public enum View {
        /** Seen by the trained encoders. */
        NORMAL(1),
        /** Seen by the momentum encoders. */
        MOMENTUM(2);

        private final int number;

        View(int number) {
            this.number = number;
        }
    }

    /** What an image is drawn to undergo; each has a stream of its own. */
    public enum Purpose {
        /** The box of the random resized crop. */
        CROP,
        /** Whether the image is mirrored. */
        FLIP
    }

    /**
     * Which of the study's images is seen in an epoch, in [0, images).
     *
     * @param images at least 1
     */
    public int pick(int epoch, String studyKey, int images) {
        return (int) Long.remainderUnsigned(Seeds.hash64(seed, "pick", epoch, studyKey), images);
    }

    /** The order of an epoch: a permutation of the rows 0 to {@code studies - 1}. */
    public int[] order(int epoch, int studies) {
        return Seeds.stream(seed, "order", epoch).permutation(studies);
    }

    /**
     * The sentences that a view keeps, in ascending order: at least half of them and at least one.
     *
     * @param sentences S, at least 1; the result has ceil(r S) places in [0, S), r uniform in [0.5, 1)
     */
    public int[] subset(int epoch, String studyKey, View view, int sentences) {
        if (sentences < 1) {
            throw new IllegalArgumentException("sentences must be >= 1, was " + sentences);
        }
        RandomStream stream = Seeds.stream(seed, "subset", epoch, studyKey, view.number);
        double share = 0.5 + 0.5 * stream.nextDouble();
        int[] kept = Arrays.copyOf(stream.permutation(sentences), (int) Math.ceil(share * sentences));
        Arrays.sort(kept);
        return kept;
    }

    /** A view's stream of draws for one purpose. */
    public RandomStream stream(Purpose purpose, int epoch, String studyKey, View view) {
        return Seeds.stream(seed, EnumWord.of(purpose), epoch, studyKey, view.number);
    }

    /** True if a view is mirrored: half of the time. */
    public boolean mirrored(int epoch, String studyKey, View view) {
        return stream(Purpose.FLIP, epoch, studyKey, view).nextDouble() < 0.5;
    }

    /**
     * The points that K-means starts from: distinct rows in [0, points).
     *
     * @param clusters K, at most {@code points}
     */
    public int[] kmeansInitial(int epoch, int points, int clusters) {
        if (clusters < 1 || clusters > points) {
            throw new IllegalArgumentException("clusters must be in 1 to " + points + ", was " + clusters);
        }
        return Arrays.copyOf(Seeds.stream(seed, "kmeans", epoch).permutation(points), clusters);
    }
}
