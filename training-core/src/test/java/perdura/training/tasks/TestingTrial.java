package perdura.training.tasks;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.TrialSpec;
import perdura.training.loop.TrainingJob;

/** A trial of a task with some parameters over the task's defaults. */
public final class TestingTrial {
    private final Task task;
    private final TreeMap<String, @Nullable Object> parameters = new TreeMap<>();
    private final TreeMap<String, DataSet> dataSets = new TreeMap<>();
    private final TreeMap<String, PretrainedEncoder> encoders = new TreeMap<>();
    private final TreeMap<String, EncoderWeights> weights = new TreeMap<>();
    private final TreeMap<String, Path> files = new TreeMap<>();
    private long seed = 1;

    public TestingTrial(Task task) {
        this.task = task;
        parameters.putAll(task.schema().defaults().values());
    }

    public TestingTrial on(DataSet data) {
        return on("dataset", data);
    }

    public TestingTrial on(String path, DataSet data) {
        parameters.put(path, "some-name");
        dataSets.put(path, data);
        return this;
    }

    public TestingTrial from(PretrainedEncoder encoder, EncoderWeights encoderWeights) {
        parameters.put("encoder", "some-weights");
        encoders.put("encoder", encoder);
        weights.put("encoder", encoderWeights);
        return this;
    }

    public TestingTrial with(String path, Object value) {
        parameters.put(path, value);
        return this;
    }

    public TestingTrial seed(long other) {
        seed = other;
        return this;
    }

    public TaskInput input() {
        TrialSpec trial =
                new TrialSpec(task.schema().name(), task.schema().version(), new Parameters(parameters), seed);
        return new TaskInput(trial, dataSets, encoders);
    }

    public void check() {
        task.check(input());
    }

    public TrainingJob open(Path artifactRoot) {
        return open(artifactRoot, 1);
    }

    public TrainingJob open(Path artifactRoot, long attempt) {
        return task.open(
                input(),
                weights,
                new TaskContext(
                        artifactRoot,
                        artifactRoot.resolve("run"),
                        new ResourceSpec("cpu", 1),
                        attempt,
                        DurableEffects.counting(),
                        () -> {},
                        files::put));
    }

    /** What jobs have left for people so far. */
    public Map<String, Path> files() {
        return files;
    }

    /** The metrics of the last step. */
    public Map<String, Double> train(Path artifactRoot) {
        Map<String, Double> last = Map.of();
        try (TrainingJob job = open(artifactRoot)) {
            for (long step = 0; step < job.totalSteps(); step++) {
                last = job.step(step);
            }
        }
        return last;
    }
}
