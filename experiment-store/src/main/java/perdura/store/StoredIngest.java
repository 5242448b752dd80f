package perdura.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.IngestStatus;

/**
 * The last ingest with some settings.
 *
 * @param plan null before it is made
 */
public record StoredIngest(
        Identity identity, IngestStatus status, @Nullable Plan plan, Progress progress, Outcome outcome) {
    /**
     * What was asked for.
     *
     * @param ingestId hash of the settings
     * @param name what the data set will be called
     * @param spec JSON of the settings
     */
    public record Identity(String ingestId, String name, String spec, Instant startedAt) {}

    /** What there is to do. */
    public record Plan(int parts, long samples, long images) {}

    /**
     * What is done.
     *
     * @param faults found so far
     */
    public record Progress(int parts, long images, long faults) {}

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

    public boolean isEnded() {
        return status != IngestStatus.RUNNING;
    }
}
