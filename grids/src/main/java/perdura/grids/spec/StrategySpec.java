package perdura.grids.spec;

/** Which points of the matrix are run. */
public sealed interface StrategySpec {
    /** All of them, in the order of the file: the last axis varies fastest. */
    record Grid() implements StrategySpec {}

    /**
     * Points drawn without replacement, all with the same probability.
     *
     * @param count points, not counting those of {@code include}
     * @param seed of the draws
     */
    record Random(long count, long seed) implements StrategySpec {}

    /**
     * The points next to a Sobol sequence with a digital shift, which spreads them evenly.
     *
     * @param count points, not counting those of {@code include}
     * @param seed of the shift
     */
    record Sobol(long count, long seed) implements StrategySpec {}
}
