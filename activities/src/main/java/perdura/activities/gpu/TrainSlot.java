package perdura.activities.gpu;

import io.temporal.activity.Activity;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.training.loop.StopRequest;
import perdura.training.loop.TrainingJob;
import perdura.workflows.EpochActivities.ShardsInput;
import perdura.workflows.TrainActivities.PrepareTime;

/**
 * Lets one activity at a time train, and watches over it.
 *
 * @param stallTimeout time without the end of a step after which a training counts as stuck
 * @param onStall ends the process, whose training thread can't be freed any more
 */
public record TrainSlot(
        Slot slot, SegmentTrainer trainer, TrainThread thread, Duration stallTimeout, Runnable onStall) {
    /** Task queue of this slot alone. */
    String queue() {
        return slot.queue();
    }

    /** What an activity may do with the slot that it holds. */
    interface Trainer {
        /** Trains a run on the training thread, from its last commit on. */
        SegmentOutcome train(RunId runId, TrainUntil goal, @Nullable PrepareTime prepareTime);

        /** Computes shards on the training thread; false if the run is not where the epoch begins. */
        boolean prepareShards(ShardsInput input);
    }

    /**
     * Runs the work of the calling activity with the slot taken, and heartbeats.
     *
     * @throws PerduraException PREEMPTED if the slot is taken or about to end; STALLED; and what the work throws
     */
    <T> T hold(Function<Trainer, T> work) {
        StopRequest stop = new StopRequest();
        if (!slot.take(stop)) {
            throw new PerduraException(
                    ErrorCode.PREEMPTED, slot.worker() + (slot.isDraining() ? " shuts down" : " is busy"));
        }
        PerduraException stall =
                new PerduraException(ErrorCode.STALLED, "no step ended for " + stallTimeout.toSeconds() + " s");
        CompletableFuture<Object> stalled = new CompletableFuture<>();
        try (SegmentLife life = new SegmentLife(
                Activity.getExecutionContext(), stop, stallTimeout, () -> stalled.completeExceptionally(stall))) {
            life.start();
            T result = work.apply(new Trainer() {
                @Override
                public SegmentOutcome train(RunId runId, TrainUntil goal, @Nullable PrepareTime prepareTime) {
                    return first(() -> trainer.train(runId, goal, prepareTime, life, stop), stalled);
                }

                @Override
                public boolean prepareShards(ShardsInput input) {
                    return first(() -> trainer.prepareShards(input, life, stop), stalled);
                }
            });
            slot.release();
            return result;
        } catch (RuntimeException | Error e) {
            if (stalled.isCompletedExceptionally()) {
                onStall.run(); // the slot stays taken: its thread hangs
                trainer.abandon(stall);
            } else {
                slot.release();
            }
            throw e;
        }
    }

    /** The result of a task of the training thread, unless that hangs. */
    private <R> R first(Callable<R> task, CompletableFuture<Object> stalled) {
        CompletableFuture<R> done = thread.submit(task);
        try {
            CompletableFuture.anyOf(done, stalled).get();
            return done.join(); // only a failure completes the other
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

    /**
     * How a training ended that did not fail. Everything it did is committed.
     *
     * @param fence of the attempt
     * @param stateDigest empty before the first commit of the run
     * @param totalSteps of the run
     * @param cancelled whether it ended early because it was asked to
     */
    record SegmentOutcome(
            RunId runId, long fence, Position position, String stateDigest, long totalSteps, boolean cancelled) {
        boolean isAtEnd() {
            return position.step() == totalSteps;
        }
    }

    /** The one thread of a process that calls the engine: its random state, grad mode and thread team belong to a thread. */
    public static final class TrainThread {
        private final ExecutorService thread = Executors.newSingleThreadExecutor(
                new DaemonThreads("perdura-train")); // a step that hangs must not keep the process alive

        /** Runs the task on the thread. */
        public <T> CompletableFuture<T> submit(Callable<T> task) {
            CompletableFuture<T> done = new CompletableFuture<>();
            thread.execute(() -> {
                try {
                    done.complete(task.call());
                } catch (Throwable e) {
                    done.completeExceptionally(e);
                }
            });
            return done;
        }
    }

    /** How far a run is to be trained now. */
    @FunctionalInterface
    interface TrainUntil {
        /** Optimiser steps of the run; more than there are mean all. */
        long untilStep(TrainingJob job);

        /** The end of an epoch, from 1 within a run of one stage. */
        static TrainUntil epoch(int epoch) {
            return job -> {
                long low = 0;
                long high = job.totalSteps();
                while (low < high) { // positions only go forward
                    long middle = (low + high) >>> 1;
                    if (job.positionAfter(middle).epoch() >= epoch) {
                        high = middle;
                    } else {
                        low = middle + 1;
                    }
                }
                return low;
            };
        }
    }
}
