package perdura.training.synth;

import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Writes a synthetic data set in the layout of MIMIC-CXR-JPG, with a vocabulary that knows every word of its reports. */
public final class MimicCxrSynth {
    /** The vocabulary's file name. */
    public static final String VOCABULARY = "vocab.txt";
    /** {@link SyntheticSet#TRUTH}. */
    public static final String TRUTH = SyntheticSet.TRUTH;
    /** {@link SyntheticSet#MARKER}. */
    public static final String MARKER = SyntheticSet.MARKER;

    private MimicCxrSynth() {}

    /** {@link SyntheticSet#write} on all cores. */
    public static void write(Path folder, SynthConfig config, LongConsumer done) {
        SyntheticSet.write(folder, config, Runtime.getRuntime().availableProcessors(), done);
    }
}
