package perdura.training.tasks.pair;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.datasets.text.Vocabulary;
import perdura.datasets.text.WordPieceTokenizer;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.ParameterType.Reference.Kind;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.BinaryZeroShot;
import perdura.training.metric.RankedScores;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.SplitChoice;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.TaskLabels;
import perdura.training.tasks.pair.PartScoresJob.Shown;

/**
 * Zero-shot classification of one finding by a pre-trained model of images and texts (sense.md 4.3): an image shows the finding if its cosine with the
 * prompt that says so is the greater one. The threshold of the second rule is chosen on the validation part. Nothing is drawn by the seed of a trial.
 */
public final class BinaryZeroShotTask implements Task {
    private static final String POSITIVE = "positivePrompt";
    private static final String NEGATIVE = "negativePrompt";

    private static final ParameterType PROMPT =
            new ParameterType.Text("[^\\p{Cntrl}]{1,300}", "one sentence of at most 300 characters");

    private static final TaskSchema SCHEMA = new TaskSchema(
            "zero-shot-binary",
            1,
            List.of(
                    required(
                            ClassifierSchema.DATASET,
                            new ParameterType.Reference(Kind.DATASET),
                            "the ingested data set with one label that is tested: rsna or siim"),
                    required(
                            ClassifierSchema.ENCODER,
                            new ParameterType.Reference(Kind.WEIGHTS),
                            "a stage of a pre-training, whose encoders of images and texts answer"),
                    nullable(
                            POSITIVE,
                            PROMPT,
                            "says that the finding is there; null: 'findings suggesting pneumonia', of rsna"),
                    nullable(NEGATIVE, PROMPT, "says that it is not; null: 'no evidence of pneumonia', of rsna"),
                    ClassifierSchema.split(),
                    ClassifierSchema.splitSeed(0),
                    optional(ClassifierSchema.BATCH_SIZE, ClassifierSchema.COUNT, 50, "images of a step")),
            BinaryZeroShot.METRICS);

    private static final Map<SourceSet, SplitChoice> STANDARD =
            Map.of(SourceSet.RSNA, SplitChoice.HELD_OUT, SourceSet.SIIM, SplitChoice.HELD_OUT);

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        Question question = Question.of(input);
        requireWhole(question.vocabulary, question.positive);
        requireWhole(question.vocabulary, question.negative);
        question.trained.checkPrompts(question.prompts());
    }

    /** A prompt with a word that the vocabulary lacks would ask something else. */
    private static void requireWhole(Vocabulary vocabulary, String prompt) {
        WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary);
        for (String word : prompt.split("\\s+", -1)) {
            for (int piece : tokenizer.tokenize(word)) {
                if (piece == Vocabulary.UNKNOWN) {
                    throw TrainedPair.invalid("the vocabulary of the pre-training turns '" + word + "' of the prompt '"
                            + prompt + "' into [UNK]; take other words, or a pre-training with a larger vocabulary");
                }
            }
        }
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        Question question = Question.of(input);
        SamplingFile.show(place, "images", question.split, question.data);
        Map<String, Shown> shown = new LinkedHashMap<>();
        for (String part : List.of(Split.VALIDATION, Split.TEST)) {
            int[] rows = question.split.rows(part).toArray();
            shown.put(
                    part,
                    new Shown(
                            rows,
                            new int[rows.length],
                            (model, scope) -> model.prompts(scope, question.vocabulary, question.prompts())));
        }
        return PartScoresJob.open(
                question.trained,
                Objects.requireNonNull(weights.get(ClassifierSchema.ENCODER)),
                place,
                question.data,
                ImageBatchConfig.View.EVALUATE,
                shown,
                input.count(ClassifierSchema.BATCH_SIZE),
                question::measure);
    }

    /** What a trial asks. */
    private record Question(
            TrainedPair trained,
            DataSet data,
            BinaryLabels labels,
            Split split,
            Vocabulary vocabulary,
            String positive,
            String negative) {
        static Question of(TaskInput input) {
            TrainedPair trained = new TrainedPair(input);
            trained.model();
            DataSet data = input.dataSet(ClassifierSchema.DATASET);
            if (data.header().labels().size() != 1) {
                throw TrainedPair.invalid("dataset: " + TrainedPair.name(data) + " has "
                        + data.header().labels().size()
                        + " labels; zero-shot-binary asks one question, take rsna or siim");
            }
            trained.requireImages(data);
            DataSetSplits splits = new DataSetSplits(data);
            Split split = splits.make(
                    SplitChoice.ofWord(input.word(ClassifierSchema.SPLIT))
                            .spec(data, STANDARD, input.whole(ClassifierSchema.SPLIT_SEED)),
                    splits.samples().rows());
            return new Question(
                    trained,
                    data,
                    TaskLabels.of(data, ChexpertLabels.FIVE),
                    split,
                    trained.learned().vocabulary(),
                    prompt(input, data, POSITIVE, "findings suggesting pneumonia"),
                    prompt(input, data, NEGATIVE, "no evidence of pneumonia"));
        }

        private static String prompt(TaskInput input, DataSet data, String path, String ofRsna) {
            @Nullable Object said = input.trial().parameters().value(path);
            if (said == null && data.header().set() != SourceSet.RSNA) {
                throw TrainedPair.invalid(path + " must be given for " + TrainedPair.name(data)
                        + "; only rsna has one of its own, '" + ofRsna + "'");
            }
            return said == null ? ofRsna : said.toString();
        }

        List<List<String>> prompts() {
            return List.of(List.of(positive), List.of(negative));
        }

        Map<String, Double> measure(Map<String, FloatBuffer> cosines) {
            double threshold = RankedScores.of(scores(cosines, Split.VALIDATION), answers(Split.VALIDATION))
                    .bestThreshold()
                    .threshold();
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("best/threshold", threshold);
            for (String part : List.of(Split.VALIDATION, Split.TEST)) {
                BinaryZeroShot.metrics(scores(cosines, part), answers(part), threshold)
                        .forEach((metric, value) -> metrics.put(part + "/" + metric, value));
            }
            return metrics;
        }

        private static double[] scores(Map<String, FloatBuffer> cosines, String part) {
            FloatBuffer both = Objects.requireNonNull(cosines.get(part));
            double[] scores = new double[both.limit() / 2];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (double) both.get(2 * i) - both.get(2 * i + 1);
            }
            return scores;
        }

        private boolean[] answers(String part) {
            RowList rows = split.rows(part);
            boolean[] answers = new boolean[rows.size()];
            for (int i = 0; i < answers.length; i++) {
                answers[i] = labels.value(rows.at(i), 0) == 1;
            }
            return answers;
        }
    }
}
