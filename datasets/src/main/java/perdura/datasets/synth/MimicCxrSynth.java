package perdura.datasets.synth;

import java.nio.file.Path;
import java.util.function.LongConsumer;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** Writes a synthetic data set in the layout of MIMIC-CXR-JPG, with a vocabulary that knows every word of its reports. */
public final class MimicCxrSynth {
    /** The vocabulary's file name. */
    public static final String VOCABULARY = "vocab.txt";
    /** {@link SyntheticSet#TRUTH}. */
    public static final String TRUTH = SyntheticSet.TRUTH;

    private MimicCxrSynth() {}

    /** {@link SyntheticSet#write} on all cores. */
    public static void write(Path folder, SynthConfig config, LongConsumer done) {
        SyntheticSet.write(folder, config, Runtime.getRuntime().availableProcessors(), done);
    }

    /**
     * How such a set is ingested by the standard profile.
     *
     * @param imageSize side of the images, pixels
     * @param minSentences studies with fewer are left out
     */
    public static IngestSpec ingest(Path folder, int imageSize, int minSentences) {
        return new IngestSpec(
                SourceSet.MIMIC_CXR,
                folder,
                IngestSpec.Profile.STANDARD,
                imageSize,
                folder.resolve(VOCABULARY),
                minSentences,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                IngestSpec.Sampling.STANDARD,
                false,
                false);
    }
}
