package perdura.datasets.data;

import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

/**
 * The random draws for one access to a study. Each is a function of its purpose, the run seed, stage, epoch and study id
 * alone, so that it doesn't matter who draws, when, or how often.
 */
record PairDraws(long seed, int stage, int epoch, String studyId) {
    /** Which of the study's images is seen. */
    int image(int images) {
        return (int) Long.remainderUnsigned(Seeds.hash64(seed, "pick", stage, epoch, studyId), images);
    }

    /** Uniform in plus or minus {@code most} degrees. */
    double rotation(double most) {
        return (2 * stream("rotation").nextDouble() - 1) * most;
    }

    /** True half of the time. */
    boolean mirrored() {
        return stream("flip").nextDouble() < 0.5;
    }

    /** The order in which the report's sentences are read. */
    int[] sentenceOrder(int sentences) {
        return stream("sentences").permutation(sentences);
    }

    private RandomStream stream(String purpose) {
        return Seeds.stream(seed, purpose, stage, epoch, studyId);
    }
}
