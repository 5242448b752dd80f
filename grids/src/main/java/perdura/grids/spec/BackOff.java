package perdura.grids.spec;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before something is tried again: twice as long each time.
 *
 * @param first the first wait
 * @param longest however many waits there were
 */
public record BackOff(Duration first, Duration longest) {
    /** More than any longest wait needs. */
    private static final int DOUBLINGS = 20;

    /** @param waits that there were before */
    public Duration after(int waits) {
        return Duration.ofMillis(Math.min(longest.toMillis(), first.toMillis() << Math.min(waits, DOUBLINGS)));
    }

    /** As {@link #after}, half of it by chance, so that many who wait for the same thing don't come back at one instant. */
    public Duration someTimeAfter(int waits) {
        long millis = after(waits).toMillis();
        return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }
}
