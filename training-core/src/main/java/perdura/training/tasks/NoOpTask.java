package perdura.training.tasks;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.List;
import java.util.SortedMap;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;

/**
 * Trains nothing: for trying out sweeps, and what happens when trials fail. Needs no data set. Its scores are a formula, see
 * {@link NoOpJob}.
 */
public final class NoOpTask implements Task {
    private static final TaskSchema SCHEMA = new TaskSchema(
            "no-op",
            1,
            List.of(
                    optional("value", new ParameterType.Real(0, true, 1, true), 0.5, "scores best at 0.7"),
                    optional("epochs", new ParameterType.Whole(1, 100_000), 1, "each with a score of its own"),
                    optional("steps", new ParameterType.Whole(1, 100_000), 1, "of an epoch"),
                    optional("sleepMillis", new ParameterType.Whole(0, 3_600_000), 0, "that a step takes"),
                    optional(
                            "fault",
                            new ParameterType.Word(List.of("none", "nan", "oom", "crash")),
                            "none",
                            "what happens in the middle: the loss is not a number, memory is full, or the process of the"
                                    + " first attempt dies")),
            List.of("score", "loss"));

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        // Every value that the schema allows is right.
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        return new NoOpJob(
                new NoOpJob.Plan(
                        input.trial().seed(),
                        input.real("value"),
                        input.count("epochs"),
                        input.count("steps"),
                        input.whole("sleepMillis")),
                fault(input.word("fault"), place.attempt()));
    }

    private static NoOpJob.Fault fault(String word, long attempt) {
        return switch (word) {
            case "nan" -> NoOpJob.Fault.NAN;
            case "oom" -> NoOpJob.Fault.OUT_OF_MEMORY;
            case "crash" -> attempt == 1 ? NoOpJob.Fault.CRASH : NoOpJob.Fault.NONE;
            default -> NoOpJob.Fault.NONE;
        };
    }
}
