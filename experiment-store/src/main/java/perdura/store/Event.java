package perdura.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/**
 * Something worth telling about a run.
 *
 * @param kind upper-case word, for instance CLAIMED, WORKER_DIED, CHECKPOINT_DAMAGED, PAUSED
 * @param detail a sentence for people
 */
public record Event(long id, @Nullable RunId runId, String kind, String detail, Instant at) {}
