package perdura.training.loop;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The loop's two clocks: the time of day for metric points, and nanoseconds that never run backwards for intervals.
 */
public record LoopClock(InstantSource timeOfDay, LongSupplier nanos) {
    /** The clocks of the machine. */
    public static LoopClock system() {
        return new LoopClock(InstantSource.system(), System::nanoTime);
    }

    Instant now() {
        return timeOfDay.instant();
    }

    long nanoTime() {
        return nanos.getAsLong();
    }
}
