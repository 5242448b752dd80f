package perdura.training.method;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import perdura.training.loop.TrainingJob;

/**
 * What epochs of a run need before their first step: work in shards, each computed from the state at the epoch's begin on any
 * device, and one step on a processor that combines them. The platform schedules both, keeps each result by its content, and
 * repeats only what a kill has cost. An epoch is named by the optimiser steps that are done when it begins.
 */
public interface EpochPreparation {
    /** Shards of the epoch that begins after so many steps; 0 if it needs none. The same whoever asks, and whenever. */
    int shards(long step);

    /**
     * Computes one shard, by the training thread. The result depends on the job's state and the shard alone.
     *
     * @param job of the method, at the epoch's begin; it is not changed
     * @param shard from 0
     * @param folder empty; gets the shard's files, and no folders
     * @param alive to be called now and then; what it throws ends the work
     */
    void computeShard(TrainingJob job, long step, int shard, Path folder, Runnable alive) throws IOException;

    /**
     * Combines the shards of an epoch. The result depends on them, and on earlier results, alone.
     *
     * @param folder empty; gets the files that the job reads when the epoch begins, and no folders
     */
    void combine(Combination of, Path folder) throws IOException;

    /**
     * The shards of an epoch, and where they are combined: on the processor of any worker.
     *
     * @param step optimiser steps that are done when the epoch begins
     * @param shards the folder of each, in order; not to be changed
     * @param earlier what was combined for the epoch before
     * @param threads for the engine, at least 1; the result must not depend on it
     * @param scratch what an earlier try, which may have been killed at any instant, has left of the files it made here; at first empty.
     *     No folders
     * @param alive to be called now and then; what it throws ends the work
     */
    record Combination(long step, List<Path> shards, Results earlier, int threads, Path scratch, Runnable alive) {
        public Combination {
            shards = List.copyOf(shards);
        }
    }

    /** Where a job finds what was prepared for it. */
    @FunctionalInterface
    interface Results {
        /**
         * The combined result of an epoch, read only.
         *
         * @param step optimiser steps that were done when the epoch began
         * @throws perdura.grids.spec.PerduraException NOT_FOUND if it is not there
         */
        Path folder(long step);
    }
}
