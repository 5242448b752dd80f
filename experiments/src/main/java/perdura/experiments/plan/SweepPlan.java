package perdura.experiments.plan;

import java.time.Duration;
import java.util.Optional;
import perdura.grids.spec.SweepStatus;

/**
 * What a submission would come to.
 *
 * @param points without seeds
 * @param total trials, a point with a seed each
 * @param fresh trials that nobody has begun
 * @param finished trials whose result is there
 * @param begun trials that have begun and were given back: they go on from their checkpoints
 * @param held trials that early stopping has ended in this very sweep
 * @param running trials that a sweep, this one or another, has now: their results are shared
 * @param failed trials that failed before; they run again only if asked for
 * @param fingerprint hash of the spec and of all trial keys
 * @param same the newest sweep with exactly this spec and these trials; empty if there is none
 * @param change against the newest sweep of the same name; empty if there is none
 * @param cost of the trials that are to be run; empty if nothing like it was ever measured
 * @param pretrainings that all its trials need
 */
public record SweepPlan(
        long points,
        long total,
        long fresh,
        long finished,
        long begun,
        long held,
        long running,
        long failed,
        String fingerprint,
        Optional<Same> same,
        Optional<Change> change,
        Optional<Cost> cost,
        Pretrainings pretrainings) {
    /** Trials that a submission runs itself. */
    public long toRun(boolean retryFailed) {
        return fresh + begun + (retryFailed ? failed : 0);
    }

    /**
     * Pre-trainings that trials need, each counted once.
     *
     * @param fresh to be begun, or to be gone on with
     * @param running now, perhaps for another sweep
     * @param done never to be run again
     * @param failed before: their trials fail too, unless failed ones are tried again
     * @param cost device time of the fresh ones; empty if for one of them nothing like it was ever measured
     */
    public record Pretrainings(long fresh, long running, long done, long failed, Optional<Duration> cost) {
        /** All of them. */
        public long total() {
            return fresh + running + done + failed;
        }
    }

    /** Device time of what is to be run, pre-trainings included, as far as it can be told. */
    public Duration deviceTime() {
        return cost.map(Cost::deviceTime)
                .orElse(Duration.ZERO)
                .plus(pretrainings.cost().orElse(Duration.ZERO));
    }

    /**
     * The sweep that a submission would take up.
     *
     * @param further trials that it has besides, of earlier versions of its file
     */
    public record Same(String sweepId, SweepStatus status, long further) {}

    /** What an earlier submission had, and this one has. */
    public record Change(String sweepId, long added, long removed, long unchanged) {}

    /**
     * What trials will cost, by what like ones did.
     *
     * @param deviceTime of all together
     * @param slots at once, as far as the sweep says
     * @param measured trials that the estimate rests on
     */
    public record Cost(Duration deviceTime, int slots, int measured) {
        /** Time until the last one ends, if all slots are free. */
        public Duration elapsed() {
            return deviceTime.dividedBy(slots);
        }
    }
}
