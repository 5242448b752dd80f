package perdura.training.nn;

/**
 * The first value of a parameter.
 *
 * @param value the constant, the standard deviation or the bound; unused for the others
 */
public record Init(Kind kind, double value) {
    /** The shape of the distribution. */
    public enum Kind {
        CONSTANT,
        /** Normal with mean 0. */
        NORMAL,
        /** Normal with mean 0, and row 0 (the padding token) zero. */
        NORMAL_WITH_PADDING_ROW,
        /** Standard normal, each row divided by its L1 norm (prior.md 2.7). */
        NORMAL_UNIT_L1_ROWS,
        /** Uniform in plus or minus the value. */
        UNIFORM
    }

    public static Init constant(double value) {
        return new Init(Kind.CONSTANT, value);
    }

    public static Init normal(double std) {
        return new Init(Kind.NORMAL, std);
    }

    /** Uniform in plus or minus the bound. */
    public static Init uniform(double bound) {
        return new Init(Kind.UNIFORM, bound);
    }

    /** PyTorch's default of linear layers and convolutions, biases included: uniform in +-1/sqrt(fan in). */
    public static Init fanIn(long fanIn) {
        return new Init(Kind.UNIFORM, 1 / Math.sqrt((double) fanIn));
    }
}
