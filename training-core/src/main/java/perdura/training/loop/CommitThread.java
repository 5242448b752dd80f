package perdura.training.loop;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainLoop.CommitSink;
import perdura.training.loop.TrainLoop.TrainCommit;

/** Writes and publishes commits behind the loop's back, at most one at a time. Used by one thread. */
final class CommitThread implements AutoCloseable {
    private final CheckpointWriter writer;
    private final CommitSink sink;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(new DaemonThreads("perdura-commit"));

    private @Nullable Future<Checkpoint> inFlight;
    private CommittedState last;
    private int commits;

    CommitThread(CheckpointWriter writer, CommitSink sink, CommittedState start) {
        this.writer = writer;
        this.sink = sink;
        this.last = start;
    }

    /** Whether a commit is on its way. If it has just failed, its exception is thrown. */
    boolean isBusy() {
        if (inFlight != null && inFlight.isDone()) {
            await();
        }
        return inFlight != null;
    }

    /** Starts a commit. None may be on its way. */
    void start(
            Position position,
            TrainState state,
            boolean stageEnd,
            @Nullable Double score,
            List<MetricPoint> points,
            List<OnceEvent> events) {
        if (inFlight != null) {
            throw new IllegalStateException("a commit is on its way");
        }
        Long parentStep = last.stateDigest() == null ? null : last.position().step();
        inFlight = thread.submit(() -> {
            Checkpoint checkpoint = writer.write(position, state, parentStep);
            sink.publish(new TrainCommit(checkpoint, stageEnd, score, points, events));
            return checkpoint;
        });
    }

    /** Waits for the commit on its way, if there is one, and throws what it threw. */
    void await() {
        Future<Checkpoint> awaited = inFlight;
        if (awaited == null) {
            return;
        }
        try {
            Checkpoint checkpoint = awaited.get();
            last = new CommittedState(checkpoint.position(), checkpoint.stateDigest());
            commits++;
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "the loop was interrupted while it waited for a commit", e);
        } finally {
            inFlight = null;
        }
    }

    private static RuntimeException failure(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof PerduraException known) {
            return known;
        }
        ErrorCode code = cause instanceof OutOfMemoryError ? ErrorCode.OUT_OF_MEMORY : ErrorCode.INTERNAL;
        return new PerduraException(code, "the commit thread failed: " + cause, cause);
    }

    CommittedState last() {
        return last;
    }

    int commits() {
        return commits;
    }

    /** Ends the thread. A commit on its way is interrupted. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
