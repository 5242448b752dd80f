package perdura.training.method;

import java.nio.file.Path;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.PretrainSpec;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** A picture of a method's models. Pictures of a method are counted from 1. */
public interface Figure {
    /** Whether it can be drawn of the end of a stage, or from within it. */
    boolean canShow(PretrainSpec spec, int stage);

    /** What it needs, for people: {@code a checkpoint of a stage with spb}. */
    String need();

    /** Whether it shows the text of reports, so that its files stay where they are drawn and are never logged. */
    default boolean showsReports() {
        return false;
    }

    /**
     * Draws it.
     *
     * @param folder is made if it is not there
     * @return the files
     * @throws perdura.grids.spec.PerduraException ARTIFACT_STORE_UNAVAILABLE if the folder can't be written; INVALID_DATA if the data set has
     *     too little for it; INVALID_SPEC if this machine has no fonts
     */
    List<Path> draw(Source source, Path folder);

    /**
     * What pictures are drawn from.
     *
     * @param torch stays the caller's
     * @param data the run's data set
     * @param seed decides which samples are shown
     * @param checkpoints of the run, the newest first, not empty
     */
    record Source(PretrainSpec spec, Torch torch, DataSet data, long seed, List<Trained> checkpoints) {}

    /**
     * A checkpoint that is there.
     *
     * @param stage that trained it last
     * @param endsStage whether that stage is done
     */
    record Trained(int stage, boolean endsStage, CheckpointWeights weights) {}
}
