package perdura.activities.cpu;

import java.util.function.Function;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.data.ImageCheck;
import perdura.training.data.MimicCxrReader;
import perdura.training.data.StudyIndex;

/** Reads a whole data set in the layout of MIMIC-CXR-JPG and plans a run's steps on it. */
public final class MimicCxrCheck implements Function<PretrainSpec, DataPlan> {
    @Override
    public DataPlan apply(PretrainSpec spec) {
        StudyIndex index = MimicCxrReader.read(spec.data(), ImageCheck.DECODE);
        long studies = index.studies().size();
        long stepsPerEpoch = studies / spec.batchSize();
        long epochs = spec.stages().stream().mapToLong(StageSpec::epochs).sum();
        return new DataPlan(index.digest(), studies, stepsPerEpoch, stepsPerEpoch * epochs);
    }
}
