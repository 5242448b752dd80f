package perdura.training.tasks.pair;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.DurableFiles;
import perdura.training.method.PairModel;
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
        PretrainedModel trained = input.model();
        int[] imageRows = PairInput.inOrder(images).toArray();
        Torch torch = Torch.start(place.resources().device(), place.resources().threads());
        try {
            PairModel model =
                    trained.pairModels().open(torch, trained.spec(), trained.stage(), vocabulary(), checkpoint());
            PairModel.Texts encoded = texts.encode(model, torch.newStep()); // a scope that ends with the engine
            ImageBatchConfig config = new ImageBatchConfig(
                    0,
                    input.batchSize(),
                    ImageBatchConfig.View.EVALUATE,
                    trained.method().normalization(),
                    place.resources().threads());
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

    /**
     * The ids of a sampling in the artifact store, {@code samplings/<digest of the split>.json}: never a text, never a pixel. The same
     * sampling is the same file, however often it is drawn.
     */
    private static final class SamplingFile {
        private static final ObjectMapper JSON = new ObjectMapper();

        private SamplingFile() {}

        /**
         * Writes the ids, unless they are there.
         *
         * @param sampling of the data set
         * @return the file
         * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
         */
        static Path write(Path artifactRoot, Split sampling, DataSet data, DurableEffects effects) {
            Path folder = artifactRoot.toAbsolutePath().resolve("samplings");
            Path file = folder.resolve(sampling.digest() + ".json");
            if (Files.exists(file)) {
                return file;
            }
            Map<String, List<String>> ids = new LinkedHashMap<>();
            sampling.parts()
                    .forEach((part, it) -> ids.put(
                            part, it.rows().stream().mapToObj(data::sampleId).toList()));
            Map<String, Object> content = new LinkedHashMap<>(sampling.summary());
            content.put("ids", ids);
            Path writing = folder.resolve(
                    sampling.digest() + ".writing-" + ProcessHandle.current().pid());
            try {
                Files.createDirectories(folder);
                Files.deleteIfExists(writing);
                DurableFiles.write(
                        writing, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content), effects);
                DurableFiles.rename(writing, file, effects);
                DurableFiles.syncFolder(folder, effects);
                return file;
            } catch (IOException e) {
                throw new PerduraException(
                        ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                        file + ": the ids of a sampling can't be written (" + e
                                + "); free space or make the folder writable",
                        e);
            }
        }
    }
}
