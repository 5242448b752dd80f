package perdura.training.golden;

import java.nio.file.Path;
import perdura.datasets.data.DataSet;
import perdura.datasets.synth.SynthConfig;
import perdura.datasets.synth.SyntheticSet;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** Synthetic sets of images without reports, and their ingest. */
public final class TestingSynth {
    private TestingSynth() {}

    /** Of patients, drawn with this many pixels a side. */
    public static SynthConfig config(SynthConfig.Format format, int patients, long seed, double difficulty, int side) {
        return new SynthConfig(
                format,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, patients),
                seed,
                difficulty,
                side,
                SynthConfig.SiimCopy.STAGE_1);
    }

    /** Writes a set and ingests it as PRIOR does, into {@code artifacts} in the folder. */
    public static DataSet ingest(Path folder, SynthConfig config, int side) {
        Path root = folder.resolve(config.format().key());
        SyntheticSet.write(root, config, 2, done -> {});
        IngestSpec spec = new IngestSpec(
                SourceSet.ofWord(config.format().key()).orElseThrow(),
                root,
                IngestSpec.Profile.PRIOR,
                side,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                IngestSpec.Sampling.STANDARD,
                false,
                false);
        return TestingMimic.ingest(spec, folder.resolve("artifacts"));
    }
}
