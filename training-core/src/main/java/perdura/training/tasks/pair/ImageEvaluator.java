package perdura.training.tasks.pair;

import java.util.List;
import java.util.Map;

/** What an evaluation keeps of each image, and what it makes of that in the end. */
public interface ImageEvaluator {
    /** Whole numbers that are kept of an image. */
    int width();

    /**
     * Judges one image.
     *
     * @param cosines of it and each text
     * @param local its local scores
     * @param finding its class
     * @return {@link #width} numbers, each at least 0
     */
    long[] judge(double[] cosines, double[] local, int finding);

    /**
     * The metrics of some images.
     *
     * @param prefix of the keys, without the slash
     * @param findings class of each image
     * @param kept what {@link #judge} gave for each
     */
    Map<String, Double> metrics(String prefix, int[] findings, List<long[]> kept);
}
