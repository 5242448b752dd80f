package perdura.training.loop;

import java.util.Map;

/** Sees every step as it ends: for heartbeats and progress bars. Called by the loop's thread, so it must be quick. */
public interface LoopObserver {
    /**
     * A step has ended.
     *
     * @param stepsDone optimiser steps done since the run began
     * @param metrics of this step, as the job gave them
     * @param stepsPerSecond recent rate
     */
    void stepEnded(long stepsDone, Map<String, Double> metrics, double stepsPerSecond);
}
