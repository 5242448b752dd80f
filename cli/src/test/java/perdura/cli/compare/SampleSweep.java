package perdura.cli.compare;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.Curves;
import perdura.experiments.compare.SweepView;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ObjectiveSpec.Goal;
import perdura.grids.spec.SweepStatus;
import perdura.grids.spec.TrialState;
import perdura.store.Run;
import perdura.store.StoredSweep;
import perdura.store.SweepResults.TrialRow;

/** A sweep that no store holds, for tests. Its metric is auroc, greater is better. */
public final class SampleSweep {
    private static final Instant START = Instant.parse("2026-11-25T08:00:00Z");

    private final String task;
    private final Map<String, Object> spec = new LinkedHashMap<>();
    private final List<TrialRow> rows = new ArrayList<>();
    private final Map<String, List<Double>> curves = new LinkedHashMap<>();
    private SweepStatus status = SweepStatus.FINISHED;

    public SampleSweep(String task, List<String> report) {
        this.task = task;
        spec.put("task", task);
        spec.put("axisOrder", List.of());
        spec.put("objective", Map.of("metric", "auroc", "goal", "max", "report", report));
    }

    /** Adds to the spec, as {@code SweepJson} has it. */
    public SampleSweep with(String key, Object value) {
        spec.put(key, value);
        return this;
    }

    public SampleSweep status(SweepStatus now) {
        status = now;
        return this;
    }

    public SampleSweep finished(
            Map<String, Object> parameters, long seed, double validation, Map<String, Double> test) {
        Map<String, Double> latest = new TreeMap<>();
        test.forEach((metric, value) -> latest.put("test/" + metric, value));
        latest.put("best/validation/auroc", validation);
        return trial(parameters, seed, "FINISHED", validation, latest, null, null);
    }

    public SampleSweep onItsWay(Map<String, Object> parameters, long seed, String state, @Nullable Double validation) {
        return trial(parameters, seed, state, validation, Map.of(), null, null);
    }

    public SampleSweep failed(Map<String, Object> parameters, long seed, String code, String message) {
        return trial(parameters, seed, "FAILED", null, Map.of(), code, message);
    }

    /** The curve of the trial that was added last. */
    public SampleSweep curve(List<Double> values) {
        curves.put(runId(rows.size() - 1), values);
        return this;
    }

    private SampleSweep trial(
            Map<String, Object> parameters,
            long seed,
            String state,
            @Nullable Double best,
            Map<String, Double> latest,
            @Nullable String code,
            @Nullable String message) {
        int ordinal = rows.size();
        boolean begun = !state.equals("PENDING");
        rows.add(new TrialRow(
                new TrialRow.Identity(
                        String.format("%064x", ordinal),
                        ordinal,
                        "trial " + ordinal,
                        CanonicalJson.write(parameters),
                        seed),
                begun ? runId(ordinal) : null,
                TrialState.valueOf(state),
                new TrialRow.Progress(false, begun ? 600 : 0, 5, 500, 500L),
                new TrialRow.Results(latest, best),
                new Run.Outcome(begun ? START : null, begun ? START.plusSeconds(600) : null, code, message),
                new Run.Mlflow(begun ? "7" : null, begun ? String.format("%032x", ordinal) : null)));
        return this;
    }

    private String runId(int ordinal) {
        return task + "-" + String.format("%012x", 0xabc000000000L + ordinal * 7919L);
    }

    public SweepView view() {
        return SweepView.of(stored(), rows, List.of());
    }

    /** @param replicates paths of the parameters that its task declares as such */
    public SweepView view(List<String> replicates) {
        return SweepView.of(stored(), rows, List.of(), replicates);
    }

    private StoredSweep stored() {
        return new StoredSweep(
                "sample-1",
                new StoredSweep.Identity("sample", 1, "fingerprint", "tests", CanonicalJson.write(spec), START),
                status,
                new StoredSweep.Limits(0, 3),
                new StoredSweep.Progress("auroc", Goal.MAX, 7200, rows.size(), null, null, null),
                new Run.Mlflow(null, null),
                status.isTerminal() ? START.plusSeconds(7200) : null);
    }

    public Curves curves() {
        return new Curves("validation/auroc", curves);
    }
}
