package perdura.training.tasks.segment;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Stream;
import perdura.datasets.split.Split;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.DiceScores;
import perdura.training.nn.UNet;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.dense.DenseSchema;

/** {@link Segmentation} as a task. Its defaults are those of PRIOR's Table 2 on all of SIIM (prior.md 4.4). */
public final class SegmentationTask implements Task {
    static final String IMAGES = "images";
    static final String NORMALIZATION = "normalization";
    static final String LOSS = "loss";
    static final String SCHEDULE = "schedule";
    static final String AUGMENTATION = "augmentation";
    static final String DECODER = "model.decoder";

    private static final TaskSchema SCHEMA = new TaskSchema(
            "segmentation",
            1,
            Stream.of(
                            DenseSchema.data("masks"),
                            images(),
                            DenseSchema.learning(1e-3, 50, 128),
                            rules(),
                            ClassifierSchema.model(),
                            decoder())
                    .flatMap(List::stream)
                    .toList(),
            Stream.concat(DiceScores.METRICS.stream(), Stream.of("loss")).toList());

    private static List<ParameterSchema> images() {
        return List.of(
                optional(
                        IMAGES,
                        new ParameterType.Word(List.of("positives", "balanced", "all")),
                        "positives",
                        "which images take part: those of a positive label; or all, of which the training part keeps its"
                                + " positives and as many negatives (balanced), or all"),
                optional(
                        NORMALIZATION,
                        new ParameterType.Word(List.of("training-part", "encoder")),
                        "training-part",
                        "by which mean and deviation: of the training part's pixels, or those of the encoder's"
                                + " pre-training"),
                optional(
                        AUGMENTATION,
                        new ParameterType.Word(List.of("none", "affine")),
                        "none",
                        "affine: half of the training images are turned and scaled with their masks"));
    }

    private static List<ParameterSchema> rules() {
        return List.of(
                optional(
                        LOSS,
                        new ParameterType.Word(List.of("dice", "focal-dice", "focal-dice-alternative")),
                        "dice",
                        "what is minimised; a pixel is on at a probability of at least 1/2 with dice, of more with the others"),
                optional(
                        SCHEDULE,
                        new ParameterType.Word(List.of("cosine", "plateau")),
                        "cosine",
                        "of the learning rate: to 0 per step, or halved after 3 epochs without a lower validation loss"));
    }

    private static List<ParameterSchema> decoder() {
        return List.of(optional(
                DECODER,
                new ParameterType.ListOf(new ParameterType.Whole(1, 4096), UNet.BLOCKS, UNet.BLOCKS),
                List.of(256L, 128L, 64L, 32L, 16L),
                "channels of the U-Net's five blocks"));
    }

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        checked(input);
    }

    private static Split checked(TaskInput input) {
        SegmentationInput trial = new SegmentationInput(input);
        trial.check();
        Split split = trial.split();
        Segmentation.requireTrainable(
                split.rows(Split.TRAIN).size(), input.count(ClassifierSchema.BATCH_SIZE), trial.side());
        return split;
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        Split split = checked(input);
        SegmentationInput trial = new SegmentationInput(input);
        Segmentation task = new Segmentation(
                trial.encoder(),
                Objects.requireNonNull(input.countsOrNull(DECODER)),
                trial.loss(),
                trial.schedule(),
                trial.view(),
                trial.learning());
        return task.open(
                trial.data(),
                split,
                trial.normalization(split.rows(Split.TRAIN)),
                weights.getOrDefault(ClassifierSchema.ENCODER, new EncoderWeights.Random()),
                place);
    }
}
