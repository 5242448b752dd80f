package perdura.training.loop;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.TrainState;

/**
 * One model with its optimiser and its data, which the loop drives. All calls come from one thread, the one that made it.
 * Weights after step s are a function of the spec, the data and s alone.
 */
public interface TrainingJob extends AutoCloseable {
    /**
     * Optimiser steps of the whole plan. A step may make them fewer, never fewer than are done: the run then ends early. A function of the
     * state.
     */
    long totalSteps();

    /** The position after {@code step} optimiser steps. */
    Position positionAfter(long step);

    /**
     * Runs the optimiser step with the 0-based index {@code step} of the run.
     *
     * @return the step's metrics, by MLflow key, in a fixed order; never empty
     * @throws perdura.grids.spec.PerduraException TRAINING_DIVERGED if a loss is not finite; OUT_OF_MEMORY
     */
    Map<String, Double> step(long step);

    /**
     * Called before the first step of an epoch, and before the first step of a loop that goes on within one. Its time is none of a step's.
     *
     * @param position of the epoch, with the steps done so far
     */
    default void epochBegins(Position position) {}

    /**
     * Called after each step. Changes neither state nor draws, and its time is none of the step's.
     *
     * @param step the same as of the {@link #step} before
     */
    default StepDiagnostics stepEnded(long step) {
        return StepDiagnostics.NONE;
    }

    /**
     * Called after the last step of an epoch. Changes neither state nor draws, and its time is none of the step's.
     *
     * @param position of the epoch that has ended, with the steps done so far
     */
    default StepDiagnostics epochEnded(Position position) {
        return StepDiagnostics.NONE;
    }

    /**
     * The metric of {@link #epochEnded} by which the best checkpoint is kept, the greatest value being the best; empty if there is none. An
     * epoch that tells it ends with a commit.
     */
    default Optional<String> selectionMetric() {
        return Optional.empty();
    }

    /** Samples that a step sees, or 0 where its pace is not told. */
    default int samplesPerStep() {
        return 0;
    }

    /** How long steps have waited for their data so far. */
    default Duration waitedForData() {
        return Duration.ZERO;
    }

    /** Copies the whole state to host memory that later steps don't touch; the next call may write to the same memory. */
    TrainState copyState();

    /**
     * Replaces the whole state, so that the next step is the one after {@code position.step()} steps. Weights alone are enough where a stage
     * begins.
     *
     * @param position of the state
     * @throws perdura.grids.spec.PerduraException CHECKPOINT_DAMAGED if a section or a tensor is missing, or is not this job's
     */
    void loadState(Position position, TrainState state);

    @Override
    void close();
}
