package perdura.training.loop;

import java.time.Duration;
import java.util.Map;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.TrainState;

/**
 * One model with its optimiser and its data, which the loop drives. All calls come from one thread, the one that made it.
 * Weights after step s are a function of the spec, the data and s alone.
 */
public interface TrainingJob extends AutoCloseable {
    /** Optimiser steps of the whole plan. */
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
     * Looks at what the step that has just run left behind, at the end of an epoch for instance. Changes neither state nor draws, and its
     * time is none of the step's.
     *
     * @param step the same as of the {@link #step} before
     */
    default StepDiagnostics inspect(long step) {
        return StepDiagnostics.NONE;
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

    /** Replaces the whole state, so that the next step is the one after the state's position. */
    void loadState(TrainState state);

    @Override
    void close();
}
