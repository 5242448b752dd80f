package perdura.training.tasks;

import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeMap;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TaskSchema;

/** The tasks that there are, by name. Immutable. */
public final class Tasks {
    private final TreeMap<String, Task> byName = new TreeMap<>();

    /** @throws IllegalArgumentException if two have one name */
    Tasks(Iterable<Task> tasks) {
        for (Task task : tasks) {
            Task other = byName.put(task.schema().name(), task);
            if (other != null) {
                throw new IllegalArgumentException("two tasks are called "
                        + task.schema().name() + ": " + other.getClass() + " and " + task.getClass());
            }
        }
    }

    /** All tasks on the class path that are named in {@code META-INF/services}. */
    public static Tasks load() {
        return new Tasks(ServiceLoader.load(Task.class, Tasks.class.getClassLoader()));
    }

    /** What they tell of themselves, sorted by name. */
    public List<TaskSchema> schemas() {
        return byName.values().stream().map(Task::schema).toList();
    }

    /** Sorted. */
    public Collection<String> names() {
        return byName.keySet();
    }

    /** @throws PerduraException INVALID_SPEC with the nearest name if there is none */
    public Task task(String name) {
        Task task = byName.get(name);
        if (task == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, "there is no task '" + name + "'" + Nearest.suggestion(name, names()));
        }
        return task;
    }

    /**
     * The task of a trial that was planned earlier.
     *
     * @throws PerduraException INVALID_SPEC if there is none, or its version is another now
     */
    public Task task(String name, int version) {
        Task task = task(name);
        if (task.schema().version() != version) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the trial is of version " + version + " of task " + name + ", this program has version "
                            + task.schema().version() + "; submit the sweep again");
        }
        return task;
    }
}
