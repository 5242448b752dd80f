package perdura.store;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.store.Sweeps.NewTrial;

/** Writes the trials of a submission, a thousand at a time. */
final class TrialRows {
    private static final int BATCH = 1_000;

    private TrialRows() {}

    private static final String INSERT_TRIALS = """
            INSERT INTO trial (trial_key, task, seed, spec, needs)
            SELECT p.key, p.task, p.seed, p.spec::json, p.needs
            FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[]) AS p (key, task, seed, spec, needs)
            ORDER BY p.key
            ON CONFLICT (trial_key) DO UPDATE SET spec = excluded.spec, needs = excluded.needs WHERE trial.run_id IS NULL
            """;
    private static final String INSERT_MEMBERS = """
            INSERT INTO sweep_trial (sweep_id, trial_key, ordinal, label)
            SELECT ?, p.key, ? + row_number() OVER (ORDER BY p.place) - 1, p.label
            FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS p (key, label, place)
            WHERE NOT EXISTS (SELECT 1 FROM sweep_trial st WHERE st.sweep_id = ? AND st.trial_key = p.key)
            """;

    /** Adds what the sweep lacks; returns how many that is. A trial that has not begun takes the newest spec of its key. */
    static long insert(Handle handle, String sweepId, long firstOrdinal, Iterator<NewTrial> trials) {
        long ordinal = firstOrdinal;
        while (trials.hasNext()) {
            List<NewTrial> batch = new ArrayList<>();
            while (trials.hasNext() && batch.size() < BATCH) {
                batch.add(trials.next());
            }
            String[] keys = texts(batch, trial -> trial.key().digest());
            Long[] seeds = batch.stream().map(NewTrial::seed).toArray(Long[]::new);
            handle.execute(
                    INSERT_TRIALS,
                    keys,
                    texts(batch, NewTrial::task),
                    seeds,
                    texts(batch, NewTrial::spec),
                    texts(batch, TrialRows::needs));
            ordinal += handle.execute(INSERT_MEMBERS, sweepId, ordinal, keys, texts(batch, NewTrial::label), sweepId);
            TrialRuns.tagSweep(handle, sweepId, keys);
        }
        return ordinal - firstOrdinal;
    }

    private static final String NEXT_ORDINAL =
            "SELECT coalesce(max(ordinal) + 1, 0) FROM sweep_trial WHERE sweep_id = ?";

    static long nextOrdinal(Handle handle, String sweepId) {
        return handle.select(NEXT_ORDINAL, sweepId).mapTo(Long.class).one();
    }

    private static @Nullable String needs(NewTrial trial) {
        RunId needs = trial.needs();
        return needs == null ? null : needs.value();
    }

    private static String[] texts(List<NewTrial> batch, Function<NewTrial, @Nullable String> part) {
        return batch.stream().map(part).toArray(String[]::new);
    }
}
