package perdura.store;

import java.time.Instant;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.PropagateNull;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.IngestStatus;

/**
 * The last ingest with some settings.
 *
 * @param plan null before it is made
 */
public record StoredIngest(
        @Nested Identity identity,
        IngestStatus status,
        @Nested @Nullable Plan plan,
        @Nested Progress progress,
        @Nested Outcome outcome) {
    /**
     * What was asked for.
     *
     * @param ingestId hash of the settings
     * @param name what the data set will be called
     * @param spec JSON of the settings
     */
    public record Identity(String ingestId, String name, String spec, Instant startedAt) {}

    /** What there is to do. */
    @PropagateNull("parts")
    public record Plan(int parts, long samples, long images) {}

    /**
     * What is done.
     *
     * @param faults found so far
     */
    public record Progress(
            @ColumnName("parts_done") int parts,
            @ColumnName("images_done") long images,
            @ColumnName("faults_so_far") long faults) {}

    /**
     * How it ended.
     *
     * @param digest of the data set; null unless FINISHED
     */
    public record Outcome(
            @Nullable String digest,
            @Nullable String errorCode,
            @Nullable String errorMessage,
            @Nullable Instant endedAt) {}

    /** {@link Outcome#errorCode()} of one that somebody has cancelled. */
    public static final String CANCELLED = "CANCELLED";

    public boolean isCancelled() {
        return CANCELLED.equals(outcome.errorCode());
    }

    public boolean isEnded() {
        return status != IngestStatus.RUNNING;
    }
}
