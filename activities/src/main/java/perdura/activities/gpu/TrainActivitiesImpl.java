package perdura.activities.gpu;

import io.temporal.activity.Activity;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.loop.StopRequest;
import perdura.workflows.SegmentInput;
import perdura.workflows.SegmentResult;
import perdura.workflows.TrainActivities;

/** Takes segments from the queue to the training thread, one at a time, and watches over them. */
public final class TrainActivitiesImpl implements TrainActivities {
    private final Slot slot;
    private final SegmentTrainer trainer;
    private final TrainThread thread;
    private final Duration stallTimeout;
    private final Runnable onStall;

    /**
     * @param stallTimeout time without the end of a step after which a segment counts as stuck
     * @param onStall ends the process, whose training thread can't be freed any more
     */
    public TrainActivitiesImpl(
            Slot slot, SegmentTrainer trainer, TrainThread thread, Duration stallTimeout, Runnable onStall) {
        this.slot = slot;
        this.trainer = trainer;
        this.thread = thread;
        this.stallTimeout = stallTimeout;
        this.onStall = onStall;
    }

    @Override
    public SegmentResult trainSegment(SegmentInput input) {
        StopRequest stop = new StopRequest();
        if (!slot.take(stop)) {
            throw new PerduraException(
                    ErrorCode.PREEMPTED, slot.worker() + (slot.isDraining() ? " shuts down" : " is busy"));
        }
        CompletableFuture<SegmentResult> stalled = new CompletableFuture<>();
        try (SegmentLife life = new SegmentLife(
                Activity.getExecutionContext(),
                stop,
                stallTimeout,
                () -> stalled.completeExceptionally(new PerduraException(
                        ErrorCode.STALLED, "no step ended for " + stallTimeout.toSeconds() + " s")))) {
            life.start();
            CompletableFuture<SegmentResult> trained = thread.submit(() -> trainer.train(input, life, stop));
            SegmentResult result = first(trained, stalled);
            slot.release();
            return result;
        } catch (PerduraException e) {
            if (e.code() == ErrorCode.STALLED) {
                onStall.run(); // the slot stays taken: its thread hangs
                trainer.abandon(e);
            } else {
                slot.release();
            }
            throw e;
        } catch (RuntimeException | Error e) {
            slot.release();
            throw e;
        }
    }

    private static SegmentResult first(
            CompletableFuture<SegmentResult> trained, CompletableFuture<SegmentResult> stalled) {
        try {
            return (SegmentResult) CompletableFuture.anyOf(trained, stalled).get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof PerduraException known) {
                throw known;
            }
            throw new PerduraException(ErrorCode.INTERNAL, "training failed: " + cause, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while training", e);
        }
    }
}
