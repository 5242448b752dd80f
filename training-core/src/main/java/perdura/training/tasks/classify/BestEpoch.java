package perdura.training.tasks.classify;

/**
 * The epoch that is best so far.
 *
 * @param epoch from 0; -1 before the first one has ended
 * @param value what it is best by
 */
record BestEpoch(int epoch, double value) {
    static final BestEpoch NONE = new BestEpoch(-1, 0);
}
