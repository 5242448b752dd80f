package perdura.activities.gpu;

import perdura.store.Run;

/** Knows how the runs of every kind are trained. All calls come from the one training thread of the process. */
public interface JobFactory {
    /**
     * How a run is trained.
     *
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC if nobody knows
     */
    RunRecipe read(Run run, RunStore store);

    /** Kind of engine, processor and device: what the bits of a run depend on besides its spec and its data. */
    String describeEngine(String device);
}
