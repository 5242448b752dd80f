package perdura.cli.sweep;

import java.util.Optional;

/**
 * What a submission would come to.
 *
 * @param points without seeds
 * @param total trials, a point with a seed each
 * @param fresh trials that nobody has begun
 * @param done trials whose result is there
 * @param begun trials that have begun and were given back: they go on from their checkpoints
 * @param held trials that early stopping has ended in this very sweep
 * @param elsewhere trials that another sweep runs now: their results are shared
 * @param failed trials that failed before; they run again only if asked for
 * @param fingerprint hash of the spec and of all trial keys
 * @param change against the newest sweep of the same name; empty if there is none
 * @param cost of what is to be run; empty if nothing like it was ever measured
 */
public record SweepPlan(
        long points,
        long total,
        long fresh,
        long done,
        long begun,
        long held,
        long elsewhere,
        long failed,
        String fingerprint,
        Optional<Change> change,
        Optional<SweepCost> cost) {
    /** Trials that a submission runs itself. */
    public long toRun(boolean retryFailed) {
        return fresh + begun + (retryFailed ? failed : 0);
    }

    /** What an earlier submission had, and this one has. */
    public record Change(String sweepId, long added, long removed, long unchanged) {}
}
