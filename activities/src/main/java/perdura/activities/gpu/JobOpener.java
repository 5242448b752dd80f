package perdura.activities.gpu;

import perdura.grids.spec.PretrainSpec;
import perdura.training.loop.TrainingJob;

/** Makes training jobs. All calls come from the one training thread of the process. */
public interface JobOpener {
    /**
     * A job in its initial state, at step 0.
     *
     * @throws perdura.grids.spec.PerduraException INVALID_DATA if the artifact store lacks the data set
     */
    TrainingJob open(PretrainSpec spec, KnownData data, int threads, String device);

    /** Kind of engine, processor and device: what the bits of a run depend on besides its spec and its data. */
    String describeEngine(String device);
}
