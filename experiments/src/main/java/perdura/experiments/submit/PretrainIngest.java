package perdura.experiments.submit;

import perdura.grids.spec.DataSpec;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.Methods;

/** How the files that a pre-training names become its data set. */
public final class PretrainIngest {
    private PretrainIngest() {}

    /** Strict: a training on part of what its spec names would be another one. */
    public static IngestSpec of(PretrainSpec spec, DataSpec.Source source) {
        return new IngestSpec(
                source.format(),
                source.root(),
                profile(spec),
                Methods.load().of(spec).imageSize(spec),
                source.vocabulary(),
                source.minSentences(),
                profile(spec).sections(),
                null,
                IngestSpec.Sampling.STANDARD,
                true,
                false);
    }

    /** What the method of a spec wants data to be ingested with. */
    public static IngestSpec.Profile profile(PretrainSpec spec) {
        return Methods.load().of(spec).ingestProfile();
    }
}
