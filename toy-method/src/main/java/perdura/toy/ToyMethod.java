package perdura.toy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import perdura.datasets.data.Normalization;
import perdura.datasets.data.PairBatchConfig;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.grids.codec.MethodSchema;
import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Figure;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.PairModels;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Torch;

/** The toy method's entry. */
public final class ToyMethod implements Method, EpochPreparation {
    private static final int SHARDS = 2;

    @Override
    public MethodSchema<?> schema() {
        return ToySpec.SCHEMA;
    }

    /** Grey images and all sentences of findings and impression. */
    @Override
    public IngestSpec.Profile ingestProfile() {
        return IngestSpec.Profile.STANDARD;
    }

    @Override
    public int imageSize(PretrainSpec spec) {
        return ToySpec.of(spec).imageSize();
    }

    @Override
    public Normalization normalization() {
        return Normalization.GREY;
    }

    @Override
    public ResnetSpec resnet(PretrainSpec spec) {
        return ToySpec.of(spec).resnet();
    }

    @Override
    public StateDictLayout layout(PretrainSpec spec, int vocabulary) {
        return ToyModel.layout(ToySpec.of(spec), vocabulary);
    }

    @Override
    public TrainingJob open(PretrainSpec spec, JobInput input) {
        ToySpec own = ToySpec.of(spec);
        int[] rows = SplitRows.of(input.data(), spec.data().split());
        AugmentSpec plain = new AugmentSpec(0, false, false);
        PairBatches batches = new PairBatches(
                input.data(),
                rows,
                new PairBatchConfig(spec.seed(), spec.batchSize(), own.textLength(), plain, input.feeders()));
        Torch torch = Torch.start(spec.execution().resources().device(), input.threads());
        StateDictLayout layout = layout(spec, input.data().vocabulary().size());
        return new ToyJob(spec, new ToyJob.Batches(batches), input, torch, layout);
    }

    @Override
    public Optional<PairModels> pairModels() {
        return Optional.of(new ToyPairModels());
    }

    @Override
    public List<Figure> figures() {
        return List.of(new ToyFigure());
    }

    @Override
    public Optional<EpochPreparation> preparation(PretrainSpec spec, long stepsPerEpoch) {
        return ToySpec.of(spec).centred() ? Optional.of(this) : Optional.empty();
    }

    @Override
    public int shards(long step) {
        return SHARDS;
    }

    @Override
    public void computeShard(TrainingJob job, long step, int shard, Path folder, Runnable alive) throws IOException {
        ((ToyJob) job).writeMean(step, shard, SHARDS, folder, alive);
    }

    /** Shards are alike but for a batch: the mean of their means is near enough. */
    @Override
    public void combine(Combination of, Path folder) throws IOException {
        double[] mean = new double[ToyJob.read(of.shards().get(0)).length];
        for (Path shard : of.shards()) {
            float[] part = ToyJob.read(shard);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += part[i] / of.shards().size();
            }
        }
        ToyJob.write(folder, mean);
    }
}
