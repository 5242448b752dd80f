package perdura.experiments.compare;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import perdura.store.Database;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.store.Sweeps;
import perdura.training.tasks.Tasks;

/**
 * A sweep of the store, with its trials compared.
 *
 * @param spec the sweep as it was submitted, see {@code SweepJson}
 */
public record SweepView(StoredSweep sweep, JsonNode spec, Comparison comparison) {
    /** What people look for first where the sweep says no order. */
    private static final List<String> FIRST = List.of("encoder", "dataset", "fraction");

    /**
     * Reads the sweep of an id, or the newest of a name.
     *
     * @param moreKeys metrics to summarise besides the reported ones
     * @throws perdura.grids.spec.PerduraException NOT_FOUND, with the nearest ids
     */
    public static SweepView load(Database database, String idOrName, Collection<String> moreKeys) {
        StoredSweep sweep = new Sweeps(database).load(idOrName);
        return of(sweep, new SweepResults(database).list(sweep.sweepId()), moreKeys);
    }

    /** Of what the store has told. */
    public static SweepView of(StoredSweep sweep, List<TrialRow> rows, Collection<String> moreKeys) {
        String task = ParameterTexts.json(sweep.identity().spec()).path("task").asText();
        return of(sweep, rows, moreKeys, replicates(task));
    }

    /** @param replicates paths of the parameters whose values repeat a trial */
    public static SweepView of(
            StoredSweep sweep, List<TrialRow> rows, Collection<String> moreKeys, Collection<String> replicates) {
        JsonNode spec = ParameterTexts.json(sweep.identity().spec());
        Comparison.Objective objective = objective(sweep);
        Set<String> keys = new LinkedHashSet<>(objective.testKeys());
        keys.addAll(moreKeys);
        List<String> axes = new ArrayList<>(texts(spec.path("axisOrder")));
        axes.addAll(FIRST);
        List<ComparedTrial> trials = rows.stream().map(SweepView::trial).toList();
        return new SweepView(sweep, spec, Comparison.of(trials, objective, keys, axes, replicates));
    }

    /** What repeats a trial of a task, besides its seed; nothing of a task that is not there any more. */
    static List<String> replicates(String task) {
        return Tasks.load().schemas().stream()
                .filter(schema -> schema.name().equals(task))
                .flatMap(schema -> schema.replicates().stream())
                .toList();
    }

    /** What a sweep selects by, and what it reports. */
    public static Comparison.Objective objective(StoredSweep sweep) {
        JsonNode report =
                ParameterTexts.json(sweep.identity().spec()).path("objective").path("report");
        return new Comparison.Objective(
                sweep.progress().objective(), sweep.progress().goal(), texts(report));
    }

    private static ComparedTrial trial(TrialRow row) {
        return new ComparedTrial(
                row.identity().ordinal(),
                row.runId() == null ? row.identity().label() : row.runId(),
                row.runId(),
                ParameterTexts.read(row.identity().parameters()),
                row.identity().seed(),
                row.state(),
                row.progress().shared(),
                row.results().bestValidation(),
                row.results().latest(),
                row.progress().epoch(),
                row.progress().deviceSeconds(),
                row.outcome().errorCode(),
                row.outcome().errorMessage(),
                row.outcome().startedAt(),
                row.outcome().endedAt(),
                row.mlflow().runId(),
                row.mlflow().experimentId());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    /** The task that its trials run. */
    public String task() {
        return spec.path("task").asText();
    }
}
