package perdura.training.methods.prior.model;

import java.util.Arrays;
import perdura.training.torch.Tensor;

/** How many sentences the reports of a batch have. */
final class SentenceCounts {
    private SentenceCounts() {}

    /**
     * Of each sample.
     *
     * @param map sentence map [B, L], -1 or from 1
     */
    static int[] of(Tensor map) {
        double[] sentences = map.toDoubles();
        int[] counts = new int[Math.toIntExact(map.shape().get(0))];
        int length = sentences.length / counts.length;
        for (int i = 0; i < sentences.length; i++) {
            counts[i / length] = Math.max(counts[i / length], (int) sentences[i]);
        }
        return counts;
    }

    static int most(int[] counts) {
        return Arrays.stream(counts).max().orElse(0);
    }

    /** The counts, with {@code rows} for greater ones. */
    static int[] atMost(int[] counts, int rows) {
        return Arrays.stream(counts).map(count -> Math.min(count, rows)).toArray();
    }
}
