package perdura.activities.gpu;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DaemonThreads;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainLoop.LoopObserver;

/**
 * Signs of life of one segment. A ticker sends heartbeats for as long as steps end, and hears of cancellation in their
 * replies; another keeps the store's live figures fresh.
 */
final class SegmentLife implements LoopObserver, AutoCloseable {
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final ActivityExecutionContext context;
    private final StopRequest stop;
    private final Duration stallTimeout;
    private final Runnable onStall;
    private final ScheduledExecutorService tickers =
            Executors.newScheduledThreadPool(2, new DaemonThreads("perdura-life"));

    private final List<Future<?>> beats = new CopyOnWriteArrayList<>();
    private volatile long lastSignNanos = System.nanoTime();
    private volatile Seen seen = new Seen(-1, 0, null);
    private volatile long committedStep = -1;

    /** @param onStall called once, when no step has ended for {@code stallTimeout} */
    SegmentLife(ActivityExecutionContext context, StopRequest stop, Duration stallTimeout, Runnable onStall) {
        this.context = context;
        this.stop = stop;
        this.stallTimeout = stallTimeout;
        this.onStall = onStall;
    }

    void start() {
        everyBeat(this::beat);
    }

    /** From now on tells the reporter about new steps, about once a second. */
    void reportTo(LiveReport report) {
        everyBeat(() -> report(report));
    }

    @Override
    public void stepEnded(long stepsDone, Map<String, Double> metrics, double stepsPerSecond) {
        seen = new Seen(stepsDone, stepsPerSecond, metrics.get("train/loss"));
        touch();
    }

    void committed(long step) {
        committedStep = step;
        touch();
    }

    /** Something other than a step has moved: loading, or waiting for the store. */
    void touch() {
        lastSignNanos = System.nanoTime();
    }

    private void everyBeat(Runnable task) {
        beats.add(tickers.scheduleAtFixedRate(task, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS));
    }

    private void beat() {
        if (System.nanoTime() - lastSignNanos > stallTimeout.toNanos()) {
            onStall.run();
            close();
            return;
        }
        try {
            context.heartbeat(new Heartbeat(seen.step, committedStep));
        } catch (ActivityWorkerShutdownException e) {
            stop.ask(StopRequest.Reason.PREEMPTION);
        } catch (ActivityCompletionException e) {
            stop.ask(StopRequest.Reason.CANCEL); // cancelled, or the service no longer waits for this attempt
        }
    }

    private void report(LiveReport report) {
        Seen now = seen;
        if (now.step >= 0) {
            report.report(now.step, now.stepsPerSecond, now.loss);
        }
    }

    @Override
    public void close() {
        beats.forEach(beat -> beat.cancel(false));
        tickers.shutdownNow();
    }

    /** Takes live figures. It must not throw: figures may be lost. */
    @FunctionalInterface
    interface LiveReport {
        void report(long step, double stepsPerSecond, @Nullable Double loss);
    }

    private record Seen(
            long step, double stepsPerSecond, @Nullable Double loss) {}

    /**
     * What a heartbeat carries, for people who look at the service. A sign of life, never the record.
     *
     * @param step optimiser steps done, -1 before the first
     * @param committedStep step of the last commit of this attempt, -1 before the first
     */
    public record Heartbeat(long step, long committedStep) {}
}
