package perdura.store;

import java.util.List;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.StoppingRule.RungDecision;
import perdura.grids.spec.StoppingRule.RungResult;

/** Results and decisions of early stopping, read once for a transaction under the sweep's lock. */
final class RungTable {
    private final Handle handle;
    private final String sweepId;
    private final List<RungResult> results;
    private final List<RungDecision> decisions;

    RungTable(Handle handle, String sweepId) {
        this.handle = handle;
        this.sweepId = sweepId;
        this.results = selectResults();
        this.decisions = selectDecisions();
    }

    List<RungResult> results() {
        return results;
    }

    List<RungDecision> decisions() {
        return decisions;
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
