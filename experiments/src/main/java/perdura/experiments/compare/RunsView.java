package perdura.experiments.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.Metrics;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.SweepResults;

/** Runs that somebody named, as trials of which each stands for itself. */
public final class RunsView {
    /** Of a trial's spec, what is no parameter. */
    private static final Set<String> NOT_COMPARED = Set.of("kind", "reals", "references", "seed");

    private RunsView() {}

    /** @throws perdura.grids.spec.PerduraException NOT_FOUND, with the nearest ids */
    public static List<ComparedTrial> load(Database database, List<RunId> ids) {
        Runs runs = new Runs(database);
        List<ComparedTrial> trials = new ArrayList<>();
        for (RunId id : ids) {
            Run run = runs.loadRun(id);
            TrialState state = new SweepResults(database)
                    .findMembership(id)
                    .map(SweepResults.Membership::state)
                    .orElseGet(() -> state(run));
            trials.add(trial(trials.size(), run, state, new Metrics(database).listLatest(id)));
        }
        return trials;
    }

    /** What repeats a trial, besides its seed, of any of the tasks that these runs are of. */
    public static List<String> replicates(List<ComparedTrial> runs) {
        return runs.stream()
                .map(run -> run.parameters().getOrDefault("task", ""))
                .distinct()
                .flatMap(task -> SweepView.replicates(task).stream())
                .distinct()
                .toList();
    }

    private static ComparedTrial trial(int ordinal, Run run, TrialState state, List<MetricPoint> latest) {
        Map<String, Double> metrics = new TreeMap<>();
        latest.forEach(point -> metrics.put(point.key(), point.value()));
        return new ComparedTrial(
                ordinal,
                run.runId().value(),
                run.runId().value(),
                parameters(run.identity().spec()),
                run.identity().seed(),
                state,
                false,
                null,
                metrics,
                run.progress().position().epoch(),
                0,
                run.outcome().errorCode(),
                run.outcome().errorMessage(),
                run.outcome().startedAt(),
                run.outcome().endedAt(),
                run.mlflow().runId(),
                run.mlflow().experimentId());
    }

    private static TrialState state(Run run) {
        return switch (run.status()) {
            case SCHEDULED -> TrialState.PENDING;
            case RUNNING -> TrialState.RUNNING;
            case FINISHED -> TrialState.FINISHED;
            case FAILED -> TrialState.FAILED;
            case KILLED -> TrialState.KILLED;
        };
    }

    /** The parameters of a trial as they stand; of any other run all that its spec says. */
    static Map<String, String> parameters(String spec) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (ParameterTexts.json(spec) instanceof ObjectNode object) {
            ObjectNode rest = object.deepCopy().remove(NOT_COMPARED);
            JsonNode parameters = rest.remove("parameters");
            if (parameters != null) {
                texts.putAll(ParameterTexts.of(parameters));
            }
            texts.putAll(ParameterTexts.of(rest));
        }
        return texts;
    }
}
