package perdura.grids.spec;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the durable effects of a process: file write, fsync, rename, SQL commit, HTTP send. Whoever makes such an
 * effect calls {@link #before} and {@link #after} around it. A test can have the process halt right before or right after
 * its n-th effect and so visit every instant at which a crash could matter.
 */
public final class DurableEffects {
    /** The exit status of a process that this class halted, as after {@code kill -9}. */
    public static final int HALTED = 137;

    private final long haltAt;
    private final AtomicLong seen = new AtomicLong();

    private DurableEffects(long haltAt) {
        this.haltAt = haltAt;
    }

    /** Counts and never halts. */
    public static DurableEffects counting() {
        return new DurableEffects(-1);
    }

    /**
     * Halts the process at an instant.
     *
     * @param instant from 0; instant 2k is right before effect k, instant 2k + 1 right after it
     */
    public static DurableEffects haltingAt(long instant) {
        if (instant < 0) {
            throw new IllegalArgumentException("instant must be >= 0, was " + instant);
        }
        return new DurableEffects(instant);
    }

    /** To be called right before an effect. */
    public void before() {
        pass();
    }

    /** To be called right after an effect. */
    public void after() {
        pass();
    }

    /** Instants passed so far: two for each effect. */
    public long instants() {
        return seen.get();
    }

    private void pass() {
        if (seen.getAndIncrement() == haltAt) {
            Runtime.getRuntime().halt(HALTED);
        }
    }
}
