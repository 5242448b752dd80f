package perdura.training.tasks.pair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/**
 * Image-to-text retrieval by a pre-trained model of images and texts (prior.md 4.3): for each image, how many of the best reports are of its finding.
 * No report that the pre-training has seen is a candidate. One trial is one sampling of images and reports, drawn by its seed.
 */
public final class RetrievalTask implements Task {
    private static final TaskSchema SCHEMA = new TaskSchema("retrieval", 1, parameters(), RetrievalEvaluator.METRICS);

    private static List<ParameterSchema> parameters() {
        List<ParameterSchema> all = new ArrayList<>(PairTaskSchema.images());
        all.addAll(PairTaskSchema.reports());
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
        trial.candidates();
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        PairInput trial = new PairInput(input);
        Split images = trial.images();
        Split candidates = trial.candidates();
        PairJobs jobs = new PairJobs(trial, Objects.requireNonNull(weights.get(ClassifierSchema.ENCODER)), place);
        jobs.show("images", images, trial.dataSet());
        jobs.show("reports", candidates, trial.reports());
        Map<String, RowList> rows = new LinkedHashMap<>();
        rows.put("images", PairInput.inOrder(images));
        rows.put("reports", PairInput.inOrder(candidates));
        int[] reportRows = PairInput.inOrder(candidates).toArray();
        return jobs.open(
                images,
                rows,
                (model, scope) -> model.reports(scope, trial.reports(), reportRows, place.alive()),
                logScale -> new RetrievalEvaluator(
                        trial.rule(), FindingClasses.NAMES, PairInput.findings(candidates), logScale));
    }
}
