package perdura.training.tasks.pretrain;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TrialSpec;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskInput;

/**
 * The downstream task by which a trial judges a pre-training: parameter {@code X} of it stands at {@code downstream.X}.
 *
 * @param trial the whole one
 */
record DownstreamChoice(Task task, TrialSpec trial) {
    static final String PREFIX = "downstream.";
    static final String TASK = PREFIX + "task";
    /** Of the downstream task, in the identity of a trial alone. */
    static final String VERSION = PREFIX + "taskVersion";

    /** All tasks of the class path that begin with an encoder, in the order of their providers; the first is the default. */
    private static final List<Task> TASKS = ServiceLoader.load(Task.class, Task.class.getClassLoader()).stream()
            .filter(provider -> provider.type() != PretrainTask.class)
            .map(ServiceLoader.Provider::get)
            .filter(DownstreamChoice::takesEncoder)
            .toList();

    /** The pre-training says what the encoder is. */
    private static final Set<String> OF_ENCODER =
            Set.of(ClassifierSchema.ENCODER, ClassifierSchema.BLOCKS, ClassifierSchema.WIDTH);

    private static boolean takesEncoder(Task task) {
        return task.schema().parameters().stream()
                .anyMatch(parameter -> parameter.path().equals(ClassifierSchema.ENCODER));
    }

    static DownstreamChoice of(TrialSpec trial) {
        Object name = trial.parameters().value(TASK);
        return TASKS.stream()
                .filter(task -> task.schema().name().equals(name))
                .findFirst()
                .map(task -> new DownstreamChoice(task, trial))
                .orElseThrow(() -> new IllegalStateException("there is no downstream task " + name));
    }

    /** Those of all downstream tasks, each once; null stands for the default of the task that is chosen. */
    static List<ParameterSchema> parameters() {
        List<String> names = TASKS.stream().map(task -> task.schema().name()).toList();
        List<ParameterSchema> all = new ArrayList<>();
        all.add(optional(
                TASK, new ParameterType.Word(names), names.get(0), "by whose result the pre-training is judged"));
        all.add(required(
                PREFIX + ClassifierSchema.DATASET,
                new ParameterType.Reference(ParameterType.Reference.Kind.DATASET),
                "the ingested data set that is learned and tested"));
        Map<String, ParameterSchema> found = new LinkedHashMap<>();
        for (Task task : TASKS) {
            own(task).forEach(parameter -> add(parameter, found));
        }
        all.addAll(found.values());
        return all;
    }

    /** Tasks may let a parameter have other values than their neighbours; all of them are values of the joined one. */
    private static void add(ParameterSchema parameter, Map<String, ParameterSchema> found) {
        String path = PREFIX + parameter.path();
        ParameterSchema other = found.get(path);
        ParameterType type = other == null ? parameter.type() : other.type().joined(parameter.type());
        String meaning = other == null ? parameter.meaning() + "; null: as the task says" : other.meaning();
        ParameterSchema joined = nullable(path, type, meaning);
        found.put(path, parameter.isReplicate() ? joined.replicate() : joined);
    }

    private static List<ParameterSchema> own(Task task) {
        return task.schema().parameters().stream()
                .filter(parameter -> !parameter.path().equals(ClassifierSchema.DATASET))
                .filter(parameter -> !OF_ENCODER.contains(parameter.path()))
                .toList();
    }

    /** Those of all downstream tasks, each once. */
    static List<String> metrics() {
        return TASKS.stream()
                .flatMap(task -> task.schema().metrics().stream())
                .distinct()
                .toList();
    }

    /**
     * @throws PerduraException INVALID_SPEC if the trial gives a parameter or a value that only another downstream task has, or lacks
     *     one that this task must be given
     */
    void requireOwnParameters() {
        for (ParameterSchema parameter : own(task)) {
            Object value = trial.parameters().value(PREFIX + parameter.path());
            if (value != null && !parameter.type().contains(value)) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        PREFIX + parameter.path() + " is " + value + ", but of task "
                                + task.schema().name() + " it must be "
                                + parameter.type().expected());
            }
            if (parameter.isRequired() && value == null) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        PREFIX + parameter.path() + " must be given with downstream.task: "
                                + task.schema().name() + "; it is " + parameter.meaning());
            }
        }
        List<String> known = own(task).stream().map(ParameterSchema::path).toList();
        trial.parameters().values().forEach((path, value) -> {
            boolean isFixed = path.equals(TASK) || path.equals(PREFIX + ClassifierSchema.DATASET);
            if (path.startsWith(PREFIX)
                    && !isFixed
                    && value != null
                    && !known.contains(path.substring(PREFIX.length()))) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        path + " is " + value + ", but task " + task.schema().name()
                                + " has no such parameter; leave it out");
            }
        });
    }

    /** The downstream task's parameters, without what names something; those not given have its defaults. */
    Parameters resolved() {
        TreeMap<String, @Nullable Object> values = new TreeMap<>();
        for (ParameterSchema parameter : own(task)) {
            if (parameter.type() instanceof ParameterType.Reference) {
                continue;
            }
            Object given = trial.parameters().value(PREFIX + parameter.path());
            values.put(parameter.path(), given == null ? parameter.defaultValue() : given);
        }
        return new Parameters(values);
    }

    /** What the downstream task is to see of the trial. */
    TaskInput input(TaskInput whole) {
        TrialSpec downstream = new TrialSpec(task.schema().name(), task.schema().version(), resolved(), trial.seed());
        SortedMap<String, DataSet> dataSets = new TreeMap<>();
        for (ParameterSchema parameter : task.schema().parameters()) {
            if (parameter.type().equals(new ParameterType.Reference(ParameterType.Reference.Kind.DATASET))) {
                dataSets.put(parameter.path(), whole.dataSet(PREFIX + parameter.path()));
            }
        }
        return new TaskInput(downstream, dataSets, whole.encoders());
    }
}
