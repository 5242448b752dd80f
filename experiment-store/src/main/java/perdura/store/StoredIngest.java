package perdura.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The last ingest with some settings.
 *
 * @param ingestId hash of the settings
 * @param name what the data set will be called
 * @param spec JSON of the settings
 * @param status RUNNING, FINISHED or FAILED
 * @param parts into which it is divided; null before its plan is made
 * @param samples that are planned; null before
 * @param images that are planned; null before
 * @param partsDone that are done
 * @param imagesDone that are done
 * @param faults found so far
 * @param digest of the data set; null unless FINISHED
 */
public record StoredIngest(
        String ingestId,
        String name,
        String spec,
        String status,
        @Nullable Integer parts,
        @Nullable Long samples,
        @Nullable Long images,
        int partsDone,
        long imagesDone,
        long faults,
        @Nullable String digest,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        Instant startedAt,
        @Nullable Instant endedAt) {
    public boolean isEnded() {
        return !status.equals("RUNNING");
    }
}
