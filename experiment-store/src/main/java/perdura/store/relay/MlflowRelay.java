package perdura.store.relay;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.BackOff;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.Database;
import perdura.store.StoreRetry;

/** Sends outbox rows to MLflow. Several relays may run at once. */
public final class MlflowRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MlflowRelay.class);
    /** How often an empty outbox is looked at. */
    private static final Duration COUNT_EVERY = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(500);
    /** How often rows are looked for that were set aside and are to be tried again. */
    private static final Duration RETRY = Duration.ofSeconds(20);

    /** Between looks at a store that is away. */
    private static final BackOff PAUSES = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(10));

    /** A request gives up at once when it is interrupted, a statement when it is done. */
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private final Database database;
    private final MlflowServer mlflow;
    private final String trackingUri;
    private final Outbox outbox;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new DaemonThreads("perdura-relay").newThread(this::relay);
    private volatile @Nullable String lastError;
    /** Of the relay's thread. */
    private @Nullable Long retried;

    private int failures;

    public MlflowRelay(Database database, MlflowConfig config, DurableEffects effects) {
        this.database = database;
        this.mlflow = new MlflowServer(config, effects);
        this.trackingUri = config.trackingUri().toString().replaceAll("/+$", "");
        this.outbox = new Outbox(database);
    }

    /**
     * State of the relay.
     *
     * @param delivered rows sent
     * @param pending rows still to be sent
     * @param parked rows set aside for an error that can't heal
     * @param lastError newest failure, if any
     */
    public record Report(
            long delivered,
            long pending,
            long parked,
            @Nullable String lastError) {}

    /** Relays in a background thread until closed. */
    public void start() {
        thread.start();
    }

    private void relay() {
        try {
            while (!isClosed()) {
                retryDue();
                if (!turnOrNote().found()) {
                    rest(LOOK);
                }
            }
        } catch (PerduraException e) {
            if (e.code() != ErrorCode.PREEMPTED) {
                LOG.error("the relay stops: {}", e.getMessage(), e);
            }
        }
    }

    /** Now and then, what was set aside; at first, whether MLflow is still the one that it was. */
    private void retryDue() {
        long now = System.nanoTime();
        if (retried != null && now - retried < RETRY.toNanos()) {
            return;
        }
        try {
            if (retried == null) {
                outbox.probe();
            }
            outbox.retryDue();
            retried = now;
        } catch (PerduraException e) {
            LOG.debug("rows that were set aside are tried again later: {}", e.getMessage());
        }
    }

    /** A turn that a store away, or a bug, doesn't end for good. */
    private RelayTurn.Outcome turnOrNote() {
        try {
            RelayTurn.Outcome outcome = turn();
            if (failures > 0) {
                LOG.info("the relay reads the outbox again, after {} failures", failures);
                failures = 0;
            }
            return outcome;
        } catch (PerduraException e) {
            if (e.code() == ErrorCode.PREEMPTED) {
                throw e;
            }
            lastError = e.getMessage();
            if (failures++ == 0) {
                LOG.warn("the relay can't read the outbox, and goes on trying: {}", e.getMessage());
            }
            rest(PAUSES.someTimeAfter(Math.min(failures, 10)));
            return new RelayTurn.Outcome(false, 0, e.getMessage());
        }
    }

    private RelayTurn.Outcome turn() {
        RelayTurn.Outcome outcome = database.write(handle -> new RelayTurn(handle, mlflow, trackingUri).take());
        if (outcome.error() != null) {
            lastError = outcome.error();
        }
        return outcome;
    }

    /**
     * Relays until the outbox is empty or {@code patience} is over. Runs that wait after a failure are tried at once.
     *
     * @return what this call delivered and what is left
     * @throws PerduraException STORE_UNAVAILABLE if the store is away for longer than that
     */
    public Report drain(Duration patience) {
        return drain(patience, rows -> {});
    }

    /** @param left is told every second or so how many rows are left */
    public Report drain(Duration patience, LongConsumer left) {
        long start = System.nanoTime();
        long delivered = 0;
        long counted = start;
        boolean found = false;
        boolean over = false;
        inStore(
                patience,
                () -> database.write(handle -> {
                    new DeliveryTable(handle).hurry();
                    return true;
                }));
        inStore(patience, () -> {
            outbox.probe();
            return outbox.retryDue();
        });
        while (!over) {
            boolean isDue = System.nanoTime() - counted >= COUNT_EVERY.toNanos();
            if (!found || isDue) { // counting millions of rows takes longer than a turn
                long rows = inStore(patience, () -> outbox.countPending() + outbox.countUnchecked());
                if (rows == 0) {
                    break;
                }
                left.accept(rows);
                counted = System.nanoTime();
            }
            RelayTurn.Outcome outcome = inStore(patience, this::turn);
            delivered += outcome.sent();
            over = isClosed() || System.nanoTime() - start >= patience.toNanos();
            if (!over && !found && !outcome.found()) { // and rows are left
                rest(LOOK);
            }
            found = outcome.found();
        }
        return new Report(
                delivered, inStore(patience, outbox::countPending), inStore(patience, outbox::countParked), lastError);
    }

    private static <T> T inStore(Duration patience, Supplier<T> operation) {
        return new StoreRetry(patience).call(operation);
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void rest(Duration time) {
        try {
            closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "the relay was interrupted", e);
        }
    }

    /** Stops within seconds. What was on its way is sent again by the next relay. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            thread.join(LONGEST_END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        mlflow.close();
    }
}
