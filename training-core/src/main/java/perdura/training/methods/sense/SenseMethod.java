package perdura.training.methods.sense;

import java.util.List;
import java.util.Optional;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.datasets.data.SenseBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.data.StudyTexts;
import perdura.datasets.text.Vocabulary;
import perdura.grids.codec.MethodSchema;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Figure;
import perdura.training.method.Method;
import perdura.training.method.Method.JobInput;
import perdura.training.method.Method.StepMemory;
import perdura.training.method.PairModels;
import perdura.training.method.Paper;
import perdura.training.methods.sense.figure.TokenStrips;
import perdura.training.methods.sense.model.Sense;
import perdura.training.methods.sense.model.SenseMemory;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.SenseSchema;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Torch;

/** SENSE (sense.md). */
public final class SenseMethod implements Method {
    @Override
    public MethodSchema<?> schema() {
        return SenseSchema.SCHEMA;
    }

    @Override
    public IngestSpec.Profile ingestProfile() {
        return IngestSpec.Profile.SENSE;
    }

    @Override
    public int imageSize(PretrainSpec spec) {
        return SenseSpec.of(spec).model().imageSize();
    }

    @Override
    public Normalization normalization() {
        return Normalization.RGB;
    }

    @Override
    public ResnetSpec resnet(PretrainSpec spec) {
        return SenseSpec.of(spec).model().image().resnet();
    }

    @Override
    public BertSpec bert(PretrainSpec spec) {
        return SenseSpec.of(spec).model().text().bert();
    }

    @Override
    public ImageEncoder imageEncoder(PretrainSpec spec) {
        return new Sense(SenseSpec.of(spec).model(), 1).imageEncoder();
    }

    @Override
    public StateDictLayout layout(PretrainSpec spec, int vocabulary) {
        return new Sense(SenseSpec.of(spec).model(), vocabulary).layout();
    }

    @Override
    public List<StepMemory> memory(PretrainSpec spec, int vocabulary) {
        SenseSpec own = SenseSpec.of(spec);
        return List.of(
                SenseMemory.of(new Sense(own.model(), vocabulary), own, spec.batchSize(), spec.microBatchSize()));
    }

    @Override
    public Optional<String> selectionMetric() {
        return Optional.of(SenseJob.SELECTION);
    }

    /** Without S-MMC nothing has clusters. */
    @Override
    public Optional<EpochPreparation> preparation(PretrainSpec spec, long stepsPerEpoch) {
        return SenseSpec.of(spec).lossWeights().mmc() > 0
                ? Optional.of(new SensePreparation(spec, stepsPerEpoch))
                : Optional.empty();
    }

    @Override
    public Optional<PairModels> pairModels() {
        return Optional.of(new SensePairModels());
    }

    @Override
    public Optional<Paper> paper() {
        return Optional.of(SensePaper.PAPER);
    }

    @Override
    public List<Figure> figures() {
        return List.of(new TokenStrips());
    }

    /** Every study has a sentence, and there are no more clusters than studies. */
    @Override
    public void checkStudies(PretrainSpec spec, DataSet data, int[] rows) {
        SenseSpec own = SenseSpec.of(spec);
        if (own.lossWeights().mmc() > 0 && own.clusters().count() > rows.length) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "clusters.count must be <= the " + rows.length + " studies of data set "
                            + data.header().digest() + ", was " + own.clusters().count());
        }
        for (int row : rows) {
            if (data.sentenceCount(row) == 0) {
                throw new PerduraException(
                        ErrorCode.INVALID_DATA,
                        "data set " + data.header().digest() + ": study " + data.sampleId(row)
                                + " has no sentence; ingest it with --profile sense, which leaves such studies out");
            }
        }
    }

    /** How a model reads reports. */
    static StudyTexts.Reader reader(ModelSpec.Text text, Vocabulary vocabulary) {
        StudyTexts.Limits limits = new StudyTexts.Limits(text.sentenceLength(), text.sentences(), text.reportLength());
        return text.pooling() == ModelSpec.Pooling.MAX
                ? StudyTexts.Reader.ofReports(limits, vocabulary)
                : StudyTexts.Reader.ofSentences(limits);
    }

    @Override
    public TrainingJob open(PretrainSpec spec, JobInput input) {
        int[] rows = SplitRows.of(input.data(), spec.data().split());
        checkStudies(spec, input.data(), rows);
        return open(spec, input, rows);
    }

    /** @param rows of the data set that take part */
    static SenseJob open(PretrainSpec spec, JobInput input, int[] rows) {
        SenseSpec own = SenseSpec.of(spec);
        StudyTexts.Reader reader = reader(own.model().text(), input.data().vocabulary());
        Integer chunk = spec.microBatchSize();
        SenseBatches batches = new SenseBatches(
                input.data(),
                rows,
                new SenseBatches.Config(
                        spec.seed(),
                        spec.batchSize(),
                        chunk == null ? spec.batchSize() : chunk,
                        reader,
                        own.augment().crop(),
                        own.augment().hflip(),
                        own.augment().sentenceSubset(),
                        input.feeders()));
        try {
            Torch torch = Torch.start(spec.execution().resources().device(), input.threads());
            try {
                SenseJob.Studies studies = new SenseJob.Studies(input.data(), rows, reader);
                return new SenseJob(spec, input, studies, batches, torch);
            } catch (RuntimeException | Error e) {
                torch.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }
}
