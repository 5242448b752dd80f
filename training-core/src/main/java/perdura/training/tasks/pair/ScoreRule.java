package perdura.training.tasks.pair;

import java.util.Locale;

/**
 * How the global and the local score of an image with each of some texts become one (prior.md 4.3):
 * {@code softmax(factor * cosine) + localWeight * softmax(local)}, each softmax over the texts.
 *
 * @param localWeight w, at least 0; 1 in the paper, 0.5 in its published code
 */
public record ScoreRule(Scale scale, double localWeight) {
    /** What the cosine is multiplied by. */
    public enum Scale {
        /** The stored logarithm l_g, as in the published evaluation. */
        LOG,
        /** a_g = exp(l_g), as in training. */
        EXP;

        double factor(double logScale) {
            return this == LOG ? logScale : StrictMath.exp(logScale);
        }

        /** As a parameter has it. */
        public static Scale ofWord(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    public ScoreRule {
        if (!(localWeight >= 0)) {
            throw new IllegalArgumentException("localWeight must be >= 0, was " + localWeight);
        }
    }

    /**
     * The scores of one image, greater is better.
     *
     * @param cosines of v_g and each t_g [C]
     * @param local [C]
     * @param logScale l_g
     */
    public double[] combine(double[] cosines, double[] local, double logScale) {
        double factor = scale.factor(logScale);
        double[] sum = new double[cosines.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = factor * cosines[i];
        }
        softmax(sum);
        double[] second = local.clone();
        softmax(second);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += localWeight * second[i];
        }
        return sum;
    }

    private static void softmax(double[] values) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            greatest = Math.max(greatest, value);
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = StrictMath.exp(values[i] - greatest);
            sum += values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
    }

    /** The first of the greatest scores. */
    public static int best(double[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }
}
