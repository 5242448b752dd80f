package perdura.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.TrialKey;

/** Table trial, for plans: what is known of trials before they are submitted. */
public record Trials(Database database) {
    /**
     * What is known of a trial.
     *
     * @param runStatus of its run; null before it has begun
     * @param owner the sweep that may run it now; null: none
     */
    public record Known(
            @ColumnName("status") @Nullable RunStatus runStatus,
            @Nullable String owner) {}

    private static final String SELECT_KNOWN = """
            SELECT t.trial_key, r.status, t.owner
            FROM trial t LEFT JOIN run r ON r.run_id = t.run_id
            WHERE t.trial_key = ANY (?)
            """;

    /** Those of the trials that the store knows. */
    public Map<TrialKey, Known> find(Collection<TrialKey> keys) {
        String[] digests = keys.stream().map(TrialKey::digest).toArray(String[]::new);
        return database.read(handle -> {
            Map<TrialKey, Known> known = new HashMap<>();
            handle.select(SELECT_KNOWN, (Object) digests)
                    .map(row -> Map.entry(row.getColumn("trial_key", TrialKey.class), row.getRow(Known.class)))
                    .forEach(entry -> known.put(entry.getKey(), entry.getValue()));
            return known;
        });
    }

    private static final String SELECT_KEYS = "SELECT trial_key FROM sweep_trial WHERE sweep_id = ? ORDER BY ordinal";

    /** The trials of a sweep, in their order. */
    public List<TrialKey> listKeys(String sweepId) {
        return database.list(TrialKey.class, SELECT_KEYS, sweepId);
    }

    /**
     * How long a finished trial held a device.
     *
     * @param spec as {@code ResolvedTrialJson} writes it
     * @param steps that it took
     */
    public record Past(
            String spec,
            @ColumnName("seconds") double deviceSeconds,
            @ColumnName("step") long steps) {}

    private static final String SELECT_PAST = """
            SELECT t.spec, %s AS seconds, r.step
            FROM trial t JOIN run r ON r.run_id = t.run_id AND r.status = 'FINISHED'
            WHERE t.task = ?
            ORDER BY r.ended_at DESC
            LIMIT ?
            """.formatted(Attempts.SECONDS);

    /** Of the newest finished trials of a task, at most so many. */
    public List<Past> listPast(String task, int atMost) {
        return database.list(Past.class, SELECT_PAST, task, atMost);
    }
}
