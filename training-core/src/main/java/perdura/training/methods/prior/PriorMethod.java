package perdura.training.methods.prior;

import java.util.List;
import java.util.Optional;
import perdura.datasets.data.Normalization;
import perdura.datasets.data.PairBatchConfig;
import perdura.datasets.data.PairBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.ValidationBatches;
import perdura.grids.codec.MethodSchema;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.Figure;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Method.StepMemory;
import perdura.training.method.PairModel;
import perdura.training.method.PairModels;
import perdura.training.method.Paper;
import perdura.training.methods.prior.figure.PriorFigure;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.PriorMemory;
import perdura.training.methods.prior.model.TrainedPrior;
import perdura.training.methods.prior.spec.PriorSchema;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** PRIOR (prior.md). */
public final class PriorMethod implements Method, PairModels {
    @Override
    public MethodSchema<?> schema() {
        return PriorSchema.SCHEMA;
    }

    @Override
    public IngestSpec.Profile ingestProfile() {
        return IngestSpec.Profile.PRIOR;
    }

    @Override
    public int imageSize(PretrainSpec spec) {
        return PriorSpec.of(spec).model().imageSize();
    }

    @Override
    public TrainingJob open(PretrainSpec spec, JobInput input) {
        PairBatchConfig config = PriorJob.batchConfig(spec, input.feeders());
        int[] rows = SplitRows.of(input.data(), spec.data().split());
        ValidationBatches validation = ValidationBatches.of(
                input.data(), spec.data().split(), spec.execution().validation().pairs(), config);
        PairBatches batches = new PairBatches(input.data(), rows, config);
        try {
            return PriorJob.open(
                    spec,
                    batches,
                    validation,
                    input.initial(),
                    input.data().vocabulary().size(),
                    input.threads());
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    @Override
    public ResnetSpec resnet(PretrainSpec spec) {
        return PriorSpec.of(spec).model().image().resnet();
    }

    @Override
    public BertSpec bert(PretrainSpec spec) {
        return PriorSpec.of(spec).model().text().bert();
    }

    @Override
    public Normalization normalization() {
        return Normalization.GREY;
    }

    @Override
    public StateDictLayout layout(PretrainSpec spec, int vocabulary) {
        return new Prior(PriorSpec.of(spec).model(), vocabulary).layout();
    }

    @Override
    public List<StepMemory> memory(PretrainSpec spec, int vocabulary) {
        Prior prior = new Prior(PriorSpec.of(spec).model(), vocabulary);
        return PriorSpec.of(spec).stages().stream()
                .map(stage -> PriorMemory.of(prior, stage, spec.batchSize(), spec.microBatchSize()))
                .toList();
    }

    @Override
    public Optional<PairModels> pairModels() {
        return Optional.of(this);
    }

    @Override
    public int textLength(PretrainSpec spec) {
        return PriorSpec.of(spec).model().textLength();
    }

    @Override
    public boolean scoresLocally(PretrainSpec spec, int stage) {
        return PriorSpec.of(spec).stages().stream()
                .anyMatch(each -> each.stage() <= stage && each.has(StageSpec.Module.LAM));
    }

    @Override
    public PairModel open(Torch torch, PretrainSpec spec, int stage, int vocabulary, CheckpointWeights weights) {
        PriorSpec own = PriorSpec.of(spec);
        return TrainedPrior.open(torch, own.model(), own.stage(stage), vocabulary, weights);
    }

    @Override
    public String describe(PretrainSpec spec, int stage) {
        return "stage " + stage + " with "
                + PriorSpec.of(spec).stage(stage).modules().stream()
                        .map(EnumWord::of)
                        .toList();
    }

    @Override
    public Optional<Paper> paper() {
        return Optional.of(PriorPaper.PAPER);
    }

    @Override
    public List<Figure> figures() {
        return List.of(PriorFigure.values());
    }
}
