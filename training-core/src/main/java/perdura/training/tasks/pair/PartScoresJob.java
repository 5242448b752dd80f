package perdura.training.tasks.pair;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.method.PairModel;
import perdura.training.method.PairModel.PairScores;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskContext;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;

/**
 * The cosines of the images of a validation and a test part with the texts of their part, by a model that is not trained. A step is a batch of
 * images, first those of the validation part; all of them are one epoch, and the last step measures. The cosines are the job's state, so a run that
 * was killed anywhere ends with the same numbers.
 */
final class PartScoresJob implements TrainingJob {
    private static final String ANSWERS = "answers";
    private static final List<String> PARTS = List.of(Split.VALIDATION, Split.TEST);

    /** What a part shows. */
    static final class Shown {
        private final int[] rows;
        private final int[] images;
        private final PairJobs.Texts texts;

        /**
         * @param rows of the data set, one for each image; a row can occur more than once
         * @param images number of each image within its row
         * @param texts encodes the texts of the part, at least one
         */
        Shown(int[] rows, int[] images, PairJobs.Texts texts) {
            this.rows = rows.clone();
            this.images = images.clone();
            this.texts = texts;
        }
    }

    /** What the cosines are worth. */
    interface Measure {
        /**
         * The metrics of both parts.
         *
         * @param cosines by part, {@code validation} and {@code test}, each [images, texts]
         * @return by the whole key, {@code test/auroc}
         */
        Map<String, Double> of(Map<String, FloatBuffer> cosines);
    }

    /** A part as it is scored: its cosines are [images, texts]. */
    private record Part(String name, RowList rows, ImageBatches batches, PairModel.Texts texts, ByteBuffer cosines) {}

    private final Torch torch;
    private final PairModel model;
    private final List<Part> parts;
    private final int batchSize;
    private final Measure measure;
    private final Runnable alive;

    private PartScoresJob(
            Torch torch, PairModel model, List<Part> parts, int batchSize, Measure measure, Runnable alive) {
        this.torch = torch;
        this.model = model;
        this.parts = parts;
        this.batchSize = batchSize;
        this.measure = measure;
        this.alive = alive;
    }

    /**
     * A job at step 0, with all texts encoded.
     *
     * @param view of each image
     * @param shown by part, {@code validation} and {@code test}
     */
    static PartScoresJob open(
            TrainedPair trained,
            EncoderWeights weights,
            TaskContext place,
            DataSet data,
            ImageBatchConfig.View view,
            Map<String, Shown> shown,
            int batchSize,
            Measure measure) {
        Torch torch = Torch.start(place.resources().device(), place.resources().threads());
        List<Part> parts = new ArrayList<>();
        try {
            PairModel model = trained.open(torch, weights);
            ImageBatchConfig config = trained.images(view, batchSize, place);
            for (String name : PARTS) {
                Shown part = Objects.requireNonNull(shown.get(name));
                PairModel.Texts texts = part.texts.encode(model, torch.newStep()); // a scope that ends with the engine
                parts.add(new Part(
                        name,
                        RowList.of(part.rows),
                        new ImageBatches(data, part.rows, part.images, config),
                        texts,
                        ByteBuffer.allocate(Math.multiplyExact(Float.BYTES * part.rows.length, texts.size()))
                                .order(ByteOrder.LITTLE_ENDIAN)));
            }
            return new PartScoresJob(torch, model, parts, batchSize, measure, place.alive());
        } catch (RuntimeException | Error e) {
            parts.forEach(part -> part.batches.close());
            torch.close();
            throw e;
        }
    }

    @Override
    public long totalSteps() {
        return parts.stream().mapToLong(part -> part.batches.batchesPerEpoch()).sum();
    }

    @Override
    public Position positionAfter(long step) {
        return new Position(1, step == totalSteps() ? 1 : 0, step);
    }

    @Override
    public Map<String, Double> step(long step) {
        long validating = parts.get(0).batches.batchesPerEpoch();
        boolean isValidation = step < validating;
        Part part = parts.get(isValidation ? 0 : 1);
        long index = isValidation ? step : step - validating;
        ImageBatch batch = part.batches.batch(0, index);
        FloatBuffer cosines = part.cosines.asFloatBuffer();
        cosines.position(Math.toIntExact(index * batchSize * part.texts.size()));
        try (StepScope scope = torch.newStep()) {
            PairScores scores = model.score(scope, batch, part.texts, alive);
            for (int image = 0; image < scores.size(); image++) {
                PairJob.requireFinite(step, scores.cosines(image));
                for (double cosine : scores.cosines(image)) {
                    cosines.put((float) cosine);
                }
            }
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        long before = isValidation ? 0 : parts.get(0).rows.size();
        metrics.put("evaluated/images", (double) (before + index * batchSize + batch.size()));
        if (step + 1 == totalSteps()) {
            metrics.putAll(measured());
        }
        return metrics;
    }

    private Map<String, Double> measured() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        Map<String, FloatBuffer> cosines = new LinkedHashMap<>();
        for (Part part : parts) {
            cosines.put(part.name, part.cosines.asFloatBuffer());
            metrics.put("evaluated/" + part.name + "_images", (double) part.rows.size());
            metrics.put("evaluated/" + part.name + "_texts", (double) part.texts.size());
            metrics.put("evaluated/" + part.name + "_sentences", (double) part.texts.sentenceCount());
        }
        metrics.put("best/epoch", 0.0);
        measure.of(cosines).forEach((key, value) -> {
            metrics.put(key, value);
            if (key.startsWith(Split.VALIDATION + "/")) {
                metrics.put("best/" + key, value);
            }
        });
        return metrics;
    }

    /** Its one section holds which images were shown, as rows of their data set, and the cosines so far, zeros after them. */
    @Override
    public TrainState copyState() {
        List<HostTensor> state = new ArrayList<>();
        for (Part part : parts) {
            state.add(StateNumbers.ofWhole(part.name + ".rows", rows(part)));
            ByteBuffer copy = ByteBuffer.allocate(part.cosines.limit()).order(ByteOrder.LITTLE_ENDIAN);
            copy.put(0, part.cosines, 0, part.cosines.limit());
            state.add(new HostTensor(part.name + ".cosines", ElementType.F32, shape(part), copy));
        }
        return new TrainState(Map.of(ANSWERS, state));
    }

    private static long[] rows(Part part) {
        return part.rows.stream().asLongStream().toArray();
    }

    private static List<Long> shape(Part part) {
        return List.of((long) part.rows.size(), (long) part.texts.size());
    }

    @Override
    public void loadState(Position position, TrainState state) {
        List<HostTensor> answers = state.section(ANSWERS);
        for (Part part : parts) {
            long[] own = rows(part);
            if (!Arrays.equals(StateNumbers.readWhole(part.name + ".rows", answers, own.length), own)) {
                throw damaged("tensor " + part.name + ".rows names other rows than the trial's");
            }
            String name = part.name + ".cosines";
            HostTensor cosines = answers.stream()
                    .filter(tensor -> tensor.name().equals(name)
                            && tensor.type() == ElementType.F32
                            && tensor.shape().equals(shape(part)))
                    .findFirst()
                    .orElseThrow(() -> damaged("there must be a tensor " + name + ", F32" + shape(part)));
            part.cosines.put(0, cosines.data(), 0, part.cosines.limit());
        }
    }

    private static PerduraException damaged(String message) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, message);
    }

    @Override
    public void close() {
        parts.forEach(part -> part.batches.close());
        torch.close();
    }
}
