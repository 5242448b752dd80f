package perdura.training.tasks.pair;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetHeader;
import perdura.datasets.data.ImageBatchConfig;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.method.PairModel;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.PretrainedModel;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** The pre-trained model of images and texts that answers in a trial: what stands at the trial's {@code encoder}. */
record TrainedPair(TaskInput input) {
    /** For messages. */
    String name() {
        return "encoder " + encoder().name();
    }

    private PretrainedEncoder encoder() {
        return input.encoder(ClassifierSchema.ENCODER).orElseThrow();
    }

    /** @throws PerduraException INVALID_SPEC if the encoder is none of a whole model */
    PretrainedModel model() {
        PretrainedModel model = encoder().model();
        if (model == null || model.method().pairModels().isEmpty()) {
            throw invalid(name() + " has no text encoder beside it; task "
                    + input.trial().task() + " takes a stage of a pre-training");
        }
        return model;
    }

    /**
     * What the model has learned: its vocabulary, and what it has seen.
     *
     * @throws PerduraException INVALID_DATA if it is not in the artifact store
     */
    DataSet learned() {
        Path folder = model().dataFolder();
        if (folder == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "the data set that " + name()
                            + " learned is not in the artifact store, and with it its vocabulary and the list of what"
                            + " it has seen; ingest it again");
        }
        return DataSet.open(folder);
    }

    /** The studies that it has seen. */
    SeenStudies seen() {
        return new SeenStudies(learned(), model().spec().data().split());
    }

    /** @throws PerduraException INVALID_SPEC if its images have another size than the model takes */
    void requireImages(DataSet data) {
        int wanted = model().method().imageSize(model().spec());
        int ingested = data.header().imageSize();
        if (wanted != ingested) {
            throw invalid("dataset: " + name(data) + " was ingested with " + ingested + ", but the model of " + name()
                    + " takes images of " + wanted + " pixels; ingest it with --image-size " + wanted);
        }
    }

    /**
     * @param path of the parameter that names the data set
     * @throws PerduraException INVALID_SPEC if the set has no reports, or the model can't read them
     */
    void requireReports(String path, DataSet data) {
        DataSetHeader.Words own = data.header().vocabulary();
        DataSet learned = learned();
        if (own == null) {
            throw invalid(path + ": " + name(data) + " has no reports; take mimic-cxr");
        }
        if (!own.equals(learned.header().vocabulary())) {
            throw invalid(path + ": " + name(data)
                    + " was cut by another vocabulary than the pre-training's data set "
                    + learned.header().digest() + "; ingest it with that one's vocab.txt");
        }
    }

    /** @throws PerduraException INVALID_SPEC if the model can't read a prompt whole */
    void checkPrompts(List<List<String>> prompts) {
        model().pairModels().checkPrompts(model().spec(), learned().vocabulary(), prompts);
    }

    /** How its images are read: as the model saw them in its pre-training. */
    ImageBatchConfig images(ImageBatchConfig.View view, int batchSize, TaskContext place) {
        return new ImageBatchConfig(
                0,
                batchSize,
                view,
                model().method().normalization(),
                place.resources().threads());
    }

    /**
     * Loads the model.
     *
     * @throws PerduraException INVALID_SPEC if the weights are none of a whole model; as {@link CheckpointWeights#copyInto}
     */
    PairModel open(Torch torch, EncoderWeights weights) {
        if (!(weights instanceof EncoderWeights.OfCheckpoint checkpoint)) {
            throw invalid("encoder must be a stage of a pre-training, whose checkpoint is whole");
        }
        int vocabulary = Objects.requireNonNull(learned().header().vocabulary()).pieces();
        return model().pairModels()
                .open(
                        torch,
                        model().spec(),
                        model().stage(),
                        vocabulary,
                        new CheckpointWeights(checkpoint.folder(), checkpoint.manifestDigest()));
    }

    static String name(DataSet data) {
        return "data set " + data.header().digest() + " (" + data.header().set().word() + ")";
    }

    static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_SPEC, message);
    }
}
