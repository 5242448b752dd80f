package perdura.training.method;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.Normalization;
import perdura.datasets.text.Vocabulary;
import perdura.grids.codec.MethodSchema;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.StateDictLayout;
import perdura.training.weights.InitialWeights;

/**
 * A method of pre-training. It is one public class with a public constructor without arguments, and one line in
 * {@code META-INF/services/perdura.training.method.Method}; nothing else of the code names it. {@code docs/methods/your-own.md} makes one.
 */
public interface Method {
    /** Its name, and its part of the spec. */
    MethodSchema<?> schema();

    /** Whose rules the data is ingested by that it learns from. */
    IngestSpec.Profile ingestProfile();

    /** Side of the images that a model sees, pixels. */
    int imageSize(PretrainSpec spec);

    /** Optimiser steps of an epoch, in every stage of the spec: full batches, unless the method says otherwise. */
    default long stepsPerEpoch(PretrainSpec spec, long studies) {
        return studies / spec.batchSize();
    }

    /**
     * What epochs need before their first step; empty if they need nothing.
     *
     * @param stepsPerEpoch optimiser steps of an epoch
     */
    default Optional<EpochPreparation> preparation(PretrainSpec spec, long stepsPerEpoch) {
        return Optional.empty();
    }

    /**
     * A job at step 0, with first weights that are a function of the run seed and the imported ones. To be called by the thread that then
     * drives the job.
     *
     * @param spec its device is chosen
     * @throws PerduraException INVALID_SPEC if this machine lacks the device; INVALID_DATA; OUT_OF_MEMORY
     */
    TrainingJob open(PretrainSpec spec, JobInput input);

    /** Sizes of the encoder of images, which downstream tasks fine-tune or freeze. Its weights are {@code image.backbone.*} of a checkpoint. */
    ResnetSpec resnet(PretrainSpec spec);

    /** Sizes of the encoder of texts, {@code text.bert.*} of a checkpoint; null if it is no BERT. */
    default @Nullable BertSpec bert(PretrainSpec spec) {
        return null;
    }

    /** How images are normalised before a model sees them. */
    Normalization normalization();

    /** The encoder of images as a downstream task takes it over. */
    default ImageEncoder imageEncoder(PretrainSpec spec) {
        return new ImageEncoder(
                resnet(spec).blocks(), resnet(spec).width(), normalization().planes());
    }

    /**
     * Names, shapes and order of the weights in a checkpoint.
     *
     * @param vocabulary number of WordPieces
     */
    StateDictLayout layout(PretrainSpec spec, int vocabulary);

    /**
     * Whether imported weights fit a spec's model.
     *
     * @param vocabulary of the data, or null if it is not known yet
     * @throws PerduraException INVALID_SPEC with both sizes, for everything that does not fit
     */
    default void check(PretrainSpec spec, InitialWeights initial, @Nullable Vocabulary vocabulary) {
        int pieces = vocabulary == null ? 1 : vocabulary.size();
        initial.check(resnet(spec), bert(spec), layout(spec, pieces).shapes(), vocabulary);
    }

    /**
     * Whether a training can learn from a data set, which is of the method's profile and image size and has the studies of a batch.
     *
     * @param rows of the data set that take part
     * @throws PerduraException INVALID_SPEC or INVALID_DATA, naming what does not fit
     */
    default void checkStudies(PretrainSpec spec, DataSet data, int[] rows) {}

    /**
     * The metric of an epoch's end by which the best checkpoint of a run is kept, and can be taken by downstream tasks; empty if there is
     * none. The greatest value is the best, the earliest of equal ones. Only the last stage tells it.
     */
    default Optional<String> selectionMetric() {
        return Optional.empty();
    }

    /** What a step of each stage takes, in the order of the stages; empty if the method does not tell. */
    default List<StepMemory> memory(PretrainSpec spec, int vocabulary) {
        return List.of();
    }

    /** How its models score images with texts; empty if they can't. */
    default Optional<PairModels> pairModels() {
        return Optional.empty();
    }

    /** A stage and what it has, for people. */
    default String describe(PretrainSpec spec, int stage) {
        return "stage " + stage;
    }

    /** The pictures that can be drawn of its models, in order. */
    default List<Figure> figures() {
        return List.of();
    }

    /** What the paper of the method reports, and which ready grids fill it; empty if there is no such paper. */
    default Optional<Paper> paper() {
        return Optional.empty();
    }

    /**
     * What a training step of a stage needs on its device, in bytes, above what the process takes without a model.
     *
     * @param weights parameters and buffers of all modules, trained by the stage or not
     * @param gradients of what the stage trains
     * @param moments the optimiser's
     * @param activations what a forward pass keeps until the backward pass is through
     */
    public record StepMemory(long weights, long gradients, long moments, long activations) {
        public long total() {
            return weights + gradients + moments + activations;
        }
    }

    /**
     * What a pre-training begins with.
     *
     * @param data that was checked to be of the method's profile and image size
     * @param initial imported weights that the spec names, checked
     * @param threads intra-op threads that the run is bound to, at least 1
     * @param feeders threads that make batches ahead, at least 1; the batches don't depend on it
     * @param prepared what was prepared for epochs
     * @param alive to be called now and then by what takes long and is no step: at the begin of an epoch, in its validation
     */
    public record JobInput(
            DataSet data,
            InitialWeights initial,
            int threads,
            int feeders,
            EpochPreparation.Results prepared,
            Runnable alive) {}
}
