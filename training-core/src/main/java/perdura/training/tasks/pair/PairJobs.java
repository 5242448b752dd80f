package perdura.training.tasks.pair;

import java.util.Arrays;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.training.method.PairModel;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskContext;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/** Opens the jobs of zero-shot classification and retrieval. */
final class PairJobs {
    /** The texts of a task, encoded. */
    interface Texts {
        PairModel.Texts encode(PairModel model, StepScope scope);
    }

    /** What a task keeps of an image. */
    interface Judges {
        /** @param logScale the model's */
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
        SamplingFile.show(place, name, sampling, data);
    }

    /**
     * A job at step 0, with all texts encoded.
     *
     * @param images of the trial
     * @param rows that are a part of the job's state
     */
    PairJob open(Split images, Map<String, RowList> rows, Texts texts, Judges judges) {
        TrainedPair trained = input.trained();
        int[] imageRows = PairInput.inOrder(images).toArray();
        Torch torch = Torch.start(place.resources().device(), place.resources().threads());
        try {
            PairModel model = trained.open(torch, weights);
            PairModel.Texts encoded = texts.encode(model, torch.newStep()); // a scope that ends with the engine
            ImageBatchConfig config = trained.images(ImageBatchConfig.View.EVALUATE, input.batchSize(), place);
            ImageBatches batches = new ImageBatches(input.dataSet(), imageRows, config);
            return new PairJob(
                    torch,
                    model,
                    encoded,
                    judges.judge(model.logScale()),
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
}
