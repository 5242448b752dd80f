package perdura.training.tasks.classify;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SplitSpec;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.FineTuning;
import perdura.training.tasks.SplitChoice;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/** {@link SupervisedClassification} as a task. Its defaults are those of PRIOR's Table 1 on all of RSNA (prior.md 4.2). */
public final class SupervisedClassificationTask implements Task {

    private static final TaskSchema SCHEMA =
            new TaskSchema("supervised-classification", 1, parameters(), ClassifierSchema.METRICS);

    static final ClassifierInput.Rules RULES = new ClassifierInput.Rules(
            Map.of(
                    SourceSet.RSNA, SplitChoice.RATIO_622,
                    SourceSet.SIIM, SplitChoice.RATIO_622,
                    SourceSet.CHEXPERT, SplitChoice.CHEXPERT_PRIOR),
            SplitSpec.FractionRule.STRATIFIED,
            Normalization.GREY);

    private static List<ParameterSchema> parameters() {
        List<ParameterSchema> all = new ArrayList<>(ClassifierSchema.data(114_514));
        all.add(FineTuning.imageSize());
        all.add(optional(
                ClassifierSchema.LEARNING_RATE, ParameterType.Real.positive(), 1e-4, "at the start of the cosine"));
        all.add(optional(ClassifierSchema.EPOCHS, ClassifierSchema.COUNT, 5, "over the training part"));
        all.add(optional(ClassifierSchema.BATCH_SIZE, ClassifierSchema.COUNT, 64, "images of an optimiser step"));
        all.addAll(FineTuning.optimizer());
        all.addAll(ClassifierSchema.model());
        return all;
    }

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        checked(input).data();
    }

    private static ClassifierInput checked(TaskInput input) {
        ClassifierInput trial = new ClassifierInput(input, RULES);
        trial.check();
        FineTuning.imageSize(input, trial.dataSet(), trial.name());
        return trial;
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        ClassifierInput trial = checked(input);
        SupervisedClassification task = new SupervisedClassification(
                trial.encoder(),
                trial.seed(),
                input.count(ClassifierSchema.EPOCHS),
                input.count(ClassifierSchema.BATCH_SIZE),
                input.real(ClassifierSchema.LEARNING_RATE),
                FineTuning.optimizer(input));
        return task.open(
                trial.data(),
                weights.getOrDefault(ClassifierSchema.ENCODER, new EncoderWeights.Random()),
                place.resources(),
                place.alive());
    }
}
