package perdura.training.tasks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.CommitSpec;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.PretrainSpec.PrepareSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.grids.spec.PretrainSpec.ValidationSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.training.checkpoint.Checkpoint;
import perdura.training.checkpoint.CheckpointWriter;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TrainState;
import perdura.training.golden.PriorSpecs;
import perdura.training.golden.TestingMimic;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.Initializer;
import perdura.training.torch.Parameters;
import perdura.training.torch.Torch;

/** A tiny PRIOR on a synthetic MIMIC-CXR, with the weights that a training begins with. */
public final class TestingPrior {
    public static final int SIDE = 64;

    private final Path folder;
    private final DataSet data;
    private final int stages;
    private final PretrainSpec spec;

    /** @param split what it has seen of the data */
    public TestingPrior(Path folder, DataSet data, int stages, DataSpec.Split split) {
        this(
                folder,
                data,
                IntStream.rangeClosed(1, stages)
                        .mapToObj(stage -> PriorSpecs.stage(stage, 1))
                        .toList(),
                split);
    }

    public TestingPrior(Path folder, DataSet data, List<StageSpec> stages, DataSpec.Split split) {
        this.folder = folder;
        this.data = data;
        this.stages = stages.size();
        this.spec = new PretrainSpec(
                "test",
                "test",
                "tiny",
                7,
                8,
                null,
                new PriorSpec(model(), new AugmentSpec(0, false, false), stages),
                DataSpec.ingested(data.header().digest(), split),
                InitialWeightsSpec.NONE,
                new OptimizerSpec(OptimizerSpec.Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-6, null),
                new PretrainSpec.Execution(
                        new CommitSpec(Duration.ofMinutes(1), null, 2),
                        new ResourceSpec("cpu", 1),
                        new ResumeSpec(ResumeSpec.Environment.RECORD),
                        PrepareSpec.NONE,
                        ValidationSpec.NONE));
    }

    private static ModelSpec model() {
        return PriorSpecs.tiny(LamActivation.SIGMOID, 0.1, PriorSpecs.SPB, PriorSpecs.CCR);
    }

    /** Synthetic studies, ingested for it. */
    public static DataSet ingest(Path folder, int studies, long seed) {
        Path root = folder.resolve("mimic-" + seed);
        MimicCxrSynth.write(root, SynthConfig.of(studies, seed), done -> {});
        IngestSpec spec = MimicCxrSynth.ingest(root, SIDE, 4);
        return TestingMimic.ingest(spec, folder.resolve("artifacts"));
    }

    public PretrainSpec spec() {
        return spec;
    }

    /** As a trial finds it. */
    public PretrainedEncoder given(@Nullable Path dataFolder) {
        ImageEncoder sizes = new ImageEncoder(
                model().image().resnet().blocks(), model().image().resnet().width(), 1);
        return new PretrainedEncoder(
                "stage " + stages + " of run prior-1",
                sizes,
                Normalization.GREY,
                new PretrainedModel(spec, stages, dataFolder));
    }

    public PretrainedEncoder given() {
        return given(DataSet.folder(folder.resolve("artifacts"), data.header().digest()));
    }

    /** Writes its checkpoint. */
    public EncoderWeights.OfCheckpoint weights() {
        try (Torch torch = Torch.start("cpu", 1)) {
            Prior prior = new Prior(model(), data.vocabulary().size());
            Parameters parameters = prior.layout().allocate(torch, ElementType.F32);
            Initializer.fill(torch, prior.layout(), parameters, spec.seed());
            Checkpoint checkpoint = new CheckpointWriter(
                            folder, new RunId("prior-" + stages), 1, "0".repeat(64), DurableEffects.counting())
                    .write(new Position(stages, 1, 4), TrainState.ofWeights(parameters.copyOut()), null);
            return new EncoderWeights.OfCheckpoint(checkpoint.folder(), checkpoint.manifestDigest());
        }
    }
}
