package perdura.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.StoppingRule;
import perdura.grids.spec.StoppingRule.RungDecision;
import perdura.grids.spec.StoppingRule.RungResult;

/** Results and decisions of early stopping, read once for a transaction under the sweep's lock. */
final class RungTable {
    private final Handle handle;
    private final String sweepId;
    private final List<RungResult> results;
    private final List<RungDecision> decisions;
    private final StoppingRule.Peers peers;

    /**
     * Reads it.
     *
     * @param replicates paths of the parameters that repeat a point, as its seed does
     * @param mayStart whether trials that have not begun may do so
     */
    RungTable(Handle handle, String sweepId, Collection<String> replicates, boolean mayStart) {
        this.handle = handle;
        this.sweepId = sweepId;
        this.results = selectResults();
        this.decisions = selectDecisions();
        this.peers = selectPeers(replicates, mayStart);
    }

    List<RungResult> results() {
        return results;
    }

    List<RungDecision> decisions() {
        return decisions;
    }

    StoppingRule.Peers peers() {
        return peers;
    }

    private static final String SELECT_POINTS = """
            SELECT st.trial_key, ((t.spec::jsonb -> 'parameters') - ?::text[])::text AS point,
                   st.state = 'DONE' OR (st.started_at IS NULL AND NOT ?::boolean) AS ended
            FROM sweep_trial st JOIN trial t USING (trial_key)
            WHERE st.sweep_id = ?
            """;

    private record OfPoint(String trialKey, String point, boolean ended) {}

    private StoppingRule.Peers selectPeers(Collection<String> replicates, boolean mayStart) {
        List<OfPoint> all = handle.select(SELECT_POINTS, replicates.toArray(String[]::new), mayStart, sweepId)
                .mapTo(OfPoint.class)
                .list();
        Map<String, Set<String>> byPoint = new HashMap<>();
        all.forEach(trial ->
                byPoint.computeIfAbsent(trial.point(), point -> new HashSet<>()).add(trial.trialKey()));
        Map<String, Set<String>> byTrial = new HashMap<>();
        Set<String> ended = new HashSet<>();
        for (OfPoint trial : all) {
            byTrial.put(trial.trialKey(), byPoint.get(trial.point()));
            if (trial.ended()) {
                ended.add(trial.trialKey());
            }
        }
        return new StoppingRule.Peers(byTrial, ended);
    }

    private static final String SELECT_RESULTS = "SELECT * FROM rung_result WHERE sweep_id = ? ORDER BY sequence";

    private List<RungResult> selectResults() {
        return handle.select(SELECT_RESULTS, sweepId).mapTo(RungResult.class).list();
    }

    private static final String SELECT_DECISIONS = "SELECT * FROM rung_decision WHERE sweep_id = ? ORDER BY number";

    private List<RungDecision> selectDecisions() {
        return handle.select(SELECT_DECISIONS, sweepId)
                .mapTo(RungDecision.class)
                .list();
    }

    private static final String INSERT = """
            INSERT INTO rung_decision (sweep_id, number, trial_key, rung, kind, after_sequence)
            VALUES (?, ?, ?, ?, ?, ?)
            """;

    void record(RungDecision decision) {
        decisions.add(decision);
        handle.execute(
                INSERT,
                sweepId,
                decisions.size(),
                decision.trialKey(),
                decision.rung(),
                decision.kind(),
                results.stream().mapToLong(RungResult::sequence).max().orElse(0));
    }
}
