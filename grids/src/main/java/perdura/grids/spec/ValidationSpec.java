package perdura.grids.spec;

/**
 * What a pre-training is measured on at the end of each epoch: pairs of the validate split, which enter no step. It does not change
 * the run's bits.
 *
 * @param pairs most pairs, spread evenly over the split; 0: nothing is measured
 */
public record ValidationSpec(int pairs) {
    /** No validation. */
    public static final ValidationSpec NONE = new ValidationSpec(0);
}
