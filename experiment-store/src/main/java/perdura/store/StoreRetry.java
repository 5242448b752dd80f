package perdura.store;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.BackOff;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Waits out a Postgres that is away: repeats an operation, ever more slowly, until it succeeds, fails for another
 * reason, or patience is over.
 */
public final class StoreRetry {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRetry.class);
    private static final BackOff WAITS = new BackOff(Duration.ofMillis(50), Duration.ofSeconds(5));
    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final Duration patience;
    private final BooleanSupplier mayWait;

    /** @param patience how long an operation may be repeated; zero means one try */
    public StoreRetry(Duration patience) {
        this(patience, () -> true);
    }

    private StoreRetry(Duration patience, BooleanSupplier mayWait) {
        this.patience = patience;
        this.mayWait = mayWait;
    }

    /** Repeats as long as the caller says, who is asked before every wait; a wait takes at most five seconds. */
    public static StoreRetry asLongAs(BooleanSupplier mayWait) {
        return new StoreRetry(FOREVER, mayWait);
    }

    /** As {@link #call}, for an operation without a result. */
    public void run(Runnable operation) {
        call(() -> {
            operation.run();
            return true;
        });
    }

    /**
     * Repeats an operation that may take place twice: after STORE_UNAVAILABLE, and after COMMIT_UNKNOWN too.
     *
     * @throws PerduraException what the operation threw last; PREEMPTED if the thread was interrupted meanwhile
     */
    public <T> T call(Supplier<T> operation) {
        long start = System.nanoTime();
        for (int tries = 1; ; tries++) {
            try {
                T result = operation.get();
                if (tries > 1) {
                    LOG.info("Postgres is back, after {} tries", tries);
                }
                return result;
            } catch (PerduraException e) {
                boolean canHeal = e.code() == ErrorCode.STORE_UNAVAILABLE || e.code() == ErrorCode.COMMIT_UNKNOWN;
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                if (!canHeal || waited.compareTo(patience) >= 0 || !mayWait.getAsBoolean()) {
                    throw e;
                }
                if (tries == 1) {
                    LOG.warn("{}; trying again", e.getMessage());
                }
                pause(shorter(WAITS.someTimeAfter(tries - 1), patience.minus(waited)), e);
            }
        }
    }

    /**
     * Publishes a commit, however often the store goes away meanwhile. An unknown outcome is looked up first.
     *
     * @throws PerduraException FENCED if another attempt has claimed the run, and otherwise as {@link #call}
     */
    public void publish(Commits commits, Commit commit) {
        boolean[] unknown = {false};
        run(() -> {
            if (unknown[0] && commits.isPublished(commit)) {
                return;
            }
            try {
                commits.publish(commit);
            } catch (PerduraException e) {
                unknown[0] |= e.code() == ErrorCode.COMMIT_UNKNOWN;
                throw e;
            }
        });
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static void pause(Duration wait, PerduraException cause) {
        try {
            TimeUnit.NANOSECONDS.sleep(wait.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while waiting for Postgres", cause);
        }
    }
}
