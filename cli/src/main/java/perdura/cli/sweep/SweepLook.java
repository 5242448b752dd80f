package perdura.cli.sweep;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.grids.spec.TrialState;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.TrialRow;

/**
 * A sweep as it is at one moment.
 *
 * @param best what its best trial so far is called
 */
record SweepLook(
        StoredSweep sweep,
        Map<TrialState, Long> counts,
        List<TrialRow> running,
        List<SweepResults.Pretraining> pretrainings,
        Optional<String> best) {
    static SweepLook at(Sweeps sweeps, SweepResults results, String sweepId) {
        return new SweepLook(
                sweeps.load(sweepId),
                results.count(sweepId),
                results.listRunning(sweepId),
                results.listPretrainings(sweepId),
                results.findBestLabel(sweepId));
    }

    long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    long count(TrialState state) {
        return counts.getOrDefault(state, 0L);
    }

    /** Finished or failed. */
    long ended() {
        return count(TrialState.FINISHED) + count(TrialState.FAILED);
    }
}
