package perdura.activities.gpu;

import perdura.training.loop.TrainingJob;

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
