package perdura.activities.cpu;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Signs of life of one activity, sent by a ticker for as long as it works. Running it tells the work whether somebody still
 * waits for it.
 */
final class Heartbeat implements Runnable, AutoCloseable {
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final ActivityExecutionContext context;
    private final AtomicReference<@Nullable ActivityCompletionException> end = new AtomicReference<>();
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(new DaemonThreads("perdura-heartbeat"));

    private final Future<?> beating;

    Heartbeat(ActivityExecutionContext context) {
        this.context = context;
        this.beating = ticker.scheduleAtFixedRate(this::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void beat() {
        try {
            context.heartbeat(null);
        } catch (ActivityCompletionException e) {
            end.compareAndSet(null, e);
        }
    }

    /**
     * To be called between two pieces of work.
     *
     * @throws PerduraException PREEMPTED if the worker shuts down
     * @throws ActivityCompletionException if the activity is cancelled, or nobody waits for it any more
     */
    @Override
    public void run() {
        ActivityCompletionException ended = end.get();
        if (ended instanceof ActivityWorkerShutdownException) {
            throw new PerduraException(ErrorCode.PREEMPTED, "the worker shuts down", ended);
        }
        if (ended != null) {
            throw ended;
        }
    }

    @Override
    public void close() {
        beating.cancel(false);
        ticker.shutdownNow();
    }
}
