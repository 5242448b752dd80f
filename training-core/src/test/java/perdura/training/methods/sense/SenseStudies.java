package perdura.training.methods.sense;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.SplitRows;
import perdura.datasets.ingest.Ingest;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Methods;
import perdura.training.weights.InitialWeights;

/** Synthetic studies, and specs that are small. */
final class SenseStudies {
    /** Networks that a step trains in a few milliseconds. */
    private static final List<String> SMALL = List.of(
            "model.imageSize=32",
            "model.resnetWidth=4",
            "model.bertHidden=16",
            "model.bertFfn=32",
            "model.bertHeads=2",
            "model.dim=8",
            "batchSize=8",
            "queueLength=12",
            "clusters.count=4",
            "epochs=3",
            "warmupEpochs=1");

    private SenseStudies() {}

    /** Writes and ingests studies with images of this side. */
    static DataSet ingest(Path folder, int studies, int side, double difficulty) {
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(studies, 3).withDifficulty(difficulty), done -> {});
        IngestSpec standard = MimicCxrSynth.ingest(folder.resolve("data"), side, 1);
        IngestSpec sense = new IngestSpec(
                standard.set(),
                standard.root(),
                IngestSpec.Profile.SENSE,
                side,
                standard.vocabulary(),
                1,
                IngestSpec.Sections.FINDINGS_IMPRESSION,
                null,
                standard.sampling(),
                false,
                false);
        Path artifacts = folder.resolve("artifacts");
        try (Ingest ingest = Ingest.open(sense, artifacts, DurableEffects.counting())) {
            return DataSet.open(
                    DataSet.folder(artifacts, ingest.makeAll(2, () -> {}).digest()));
        }
    }

    /** Three epochs of small networks. */
    static PretrainSpec small(DataSet data, String... settings) {
        List<String> all = new ArrayList<>(SMALL);
        all.addAll(Arrays.asList(settings));
        return tiny(data, all);
    }

    static PretrainSpec tiny(DataSet data, List<String> settings) {
        PretrainStart start = new PretrainStart(
                "sense-1", "tests", "sense", "tiny", data.header().digest(), new ResourceSpec("cpu", 1));
        return Methods.load().specs().ofProfile(start, settings);
    }

    static SenseJob open(PretrainSpec spec, DataSet data, EpochPreparation.Results prepared) {
        JobInput input = new JobInput(data, InitialWeights.NONE, 1, 1, prepared, () -> {});
        return (SenseJob) Methods.load().of(spec).open(spec, input);
    }

    static int trained(DataSet data) {
        return SplitRows.of(data, DataSpec.Split.TRAIN).length;
    }
}
