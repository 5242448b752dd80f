package perdura.activities.cpu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.data.ImageCheck;
import perdura.training.data.ImageDigests;
import perdura.training.data.MimicCxrReader;
import perdura.training.data.StudyIndex;

/**
 * Reads a whole data set in the layout of MIMIC-CXR-JPG and plans a run's steps on it. Leaves the digests of its images in
 * the artifact store, so that attempts need not open them all again.
 */
public final class MimicCxrCheck implements Function<PretrainSpec, DataPlan> {
    private static final Logger LOG = LoggerFactory.getLogger(MimicCxrCheck.class);

    private final Path artifactRoot;
    private final DurableEffects effects;

    public MimicCxrCheck(Path artifactRoot, DurableEffects effects) {
        this.artifactRoot = artifactRoot;
        this.effects = effects;
    }

    @Override
    public DataPlan apply(PretrainSpec spec) {
        ImageDigests images = ImageDigests.none();
        StudyIndex index = MimicCxrReader.read(spec.data(), ImageCheck.DECODE, images);
        keep(images, ImageDigests.file(artifactRoot, index.digest()));
        long studies = index.studies().size();
        long stepsPerEpoch = studies / spec.batchSize();
        long epochs = spec.stages().stream().mapToLong(StageSpec::epochs).sum();
        return new DataPlan(index.digest(), studies, stepsPerEpoch, stepsPerEpoch * epochs);
    }

    private void keep(ImageDigests images, Path file) {
        try {
            images.write(file, effects);
        } catch (IOException e) {
            LOG.warn("{}: can't be written, so every attempt reads all images", file, e);
        }
    }
}
