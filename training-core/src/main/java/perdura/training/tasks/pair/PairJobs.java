package perdura.training.tasks.pair;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.methods.prior.TrainedPrior;
import perdura.training.methods.prior.model.EncodedTexts;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainedModel;
import perdura.training.tasks.TaskContext;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** Opens the jobs of zero-shot classification and retrieval. */
final class PairJobs {
    /** The texts of a task, encoded. */
    interface Texts {
        EncodedTexts encode(TrainedPrior model, StepScope scope);
    }

    /** What a task keeps of an image. */
    interface Judges {
        /** @param logScale l_g of the model */
        ImageEvaluator judge(double logScale);
    }

    private final PairInput input;
    private final EncoderWeights weights;
    private final TaskContext place;

    PairJobs(PairInput input, EncoderWeights weights, TaskContext place) {
        this.input = input;
        this.weights = weights;
        this.place = place;
    }

    /** Leaves the ids of a sampling for people, as {@code sampling/NAME.json}. */
    void show(String name, Split sampling, DataSet data) {
        place.files()
                .add(
                        "sampling/" + name + ".json",
                        SamplingFile.write(place.artifactRoot(), sampling, data, place.effects()));
    }

    /**
     * A job at step 0, with all texts encoded.
     *
     * @param images of the trial
     * @param rows that are a part of the job's state
     */
    PairJob open(Split images, Map<String, RowList> rows, Texts texts, Judges judges) {
        PretrainedModel prior = input.prior();
        int[] imageRows = PairInput.inOrder(images).toArray();
        Torch torch = Torch.start(place.resources().device(), place.resources().threads());
        try {
            TrainedPrior model =
                    TrainedPrior.open(torch, prior.spec().model(), prior.last(), vocabulary(), checkpoint());
            EncodedTexts encoded = texts.encode(model, torch.newStep()); // a scope that ends with the engine
            ImageBatches batches = TrainedPrior.batches(
                    input.dataSet(),
                    imageRows,
                    input.batchSize(),
                    place.resources().threads());
            return new PairJob(
                    torch,
                    model,
                    encoded,
                    judges.judge(model.globalLogScale()),
                    batches,
                    new PairJob.Questions(
                            rows,
                            Arrays.stream(PairInput.findings(images)).boxed().toList(),
                            input.parts(images)),
                    place.alive());
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    private int vocabulary() {
        return Objects.requireNonNull(input.learned().header().vocabulary()).pieces();
    }

    private CheckpointWeights checkpoint() {
        if (weights instanceof EncoderWeights.OfCheckpoint checkpoint) {
            return new CheckpointWeights(checkpoint.folder(), checkpoint.manifestDigest());
        }
        throw new PerduraException(
                ErrorCode.INVALID_SPEC, "encoder must be a stage of a pre-training, whose checkpoint is whole");
    }
}
