package perdura.training.loop;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks a loop to end at its next step boundary. Any thread may ask; the first reason counts. One request serves one call
 * of {@link TrainLoop#run}.
 */
public final class StopRequest {
    private final AtomicReference<@Nullable Reason> asked = new AtomicReference<>();

    /** Why a loop is asked to end. */
    public enum Reason {
        /** The run is to end for good. */
        CANCEL,
        /** The run is to wait. */
        PAUSE,
        /** The worker shuts down or its machine is taken away. */
        PREEMPTION
    }

    public void ask(Reason reason) {
        asked.compareAndSet(null, reason);
    }

    public Optional<Reason> reason() {
        return Optional.ofNullable(asked.get());
    }
}
