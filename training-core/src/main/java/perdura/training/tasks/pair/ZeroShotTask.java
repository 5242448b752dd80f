package perdura.training.tasks.pair;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/**
 * Zero-shot classification of the five findings by a pre-trained model of images and texts (prior.md 4.3). One trial is one sampling of images, drawn
 * by its seed, so that mean and deviation over samplings are those over the seeds of a sweep.
 */
public final class ZeroShotTask implements Task {
    private static final String PROMPT = "prompt";

    private static final TaskSchema SCHEMA = new TaskSchema("zero-shot", 1, parameters(), ZeroShotEvaluator.METRICS);

    private static List<ParameterSchema> parameters() {
        List<ParameterSchema> all = new ArrayList<>(PairTaskSchema.images());
        all.add(optional(
                PROMPT,
                new ParameterType.Word(Prompts.words()),
                Prompts.OBSERVED.word(),
                "what a finding is called by: the one sentence of the paper, or a short report"));
        all.addAll(PairTaskSchema.scores());
        return all;
    }

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        PairInput trial = new PairInput(input);
        trial.parts(trial.images());
        trial.trained().checkPrompts(FindingClasses.NAMES.stream().map(List::of).toList());
        trial.trained().checkPrompts(prompts(input));
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        PairInput trial = new PairInput(input);
        Split images = trial.images();
        PairJobs jobs = new PairJobs(trial, Objects.requireNonNull(weights.get(ClassifierSchema.ENCODER)), place);
        jobs.show("images", images, trial.dataSet());
        Map<String, RowList> rows = new LinkedHashMap<>();
        rows.put("images", PairInput.inOrder(images));
        Vocabulary vocabulary = trial.trained().learned().vocabulary();
        List<List<String>> prompts = prompts(input);
        return jobs.open(
                images,
                rows,
                (model, scope) -> model.prompts(scope, vocabulary, prompts),
                logScale -> new ZeroShotEvaluator(trial.rule(), FindingClasses.NAMES, logScale));
    }

    private static List<List<String>> prompts(TaskInput input) {
        return Prompts.ofWord(input.word(PROMPT)).texts(FindingClasses.NAMES);
    }
}
