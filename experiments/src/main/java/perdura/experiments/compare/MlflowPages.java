package perdura.experiments.compare;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.store.Run;
import perdura.store.relay.MlflowConfig;

/**
 * MLflow's pages that show many runs at once.
 *
 * @param trackingUri of the server
 * @param runs MLflow's ids
 * @param experiments MLflow's ids
 */
public record MlflowPages(String trackingUri, List<String> runs, Set<String> experiments) {
    /** More runs than these MLflow draws too slowly to be of use. */
    private static final int MOST_RUNS = 100;

    // Without the workflow type MLflow shows runs as evaluations of a language model.
    private static final String TYPE = "&workflowType=machine_learning";

    /** The pages of trials, the first hundred that MLflow knows; empty if it knows none. */
    public static Optional<MlflowPages> find(String trackingUri, List<ComparedTrial> trials) {
        List<ComparedTrial> known = trials.stream()
                .filter(trial -> trial.mlflowRunId() != null && trial.mlflowExperimentId() != null)
                .limit(MOST_RUNS)
                .toList();
        Set<String> experiments = new LinkedHashSet<>();
        known.forEach(trial -> experiments.add(Objects.requireNonNull(trial.mlflowExperimentId())));
        List<String> runs = known.stream()
                .map(trial -> Objects.requireNonNull(trial.mlflowRunId()))
                .toList();
        return known.isEmpty() ? Optional.empty() : Optional.of(new MlflowPages(trackingUri, runs, experiments));
    }

    /** All experiments. A bare address would open what MLflow shows of language models. */
    public static String all(String trackingUri) {
        return trackingUri + "/#/experiments?" + TYPE.substring(1);
    }

    /** Parameters and metrics side by side, with parallel coordinates. */
    public String compare() {
        return trackingUri + "/#/compare-runs?runs=" + json(runs) + "&experiments=" + json(List.copyOf(experiments))
                + TYPE;
    }

    /** The curves of one metric in one chart. */
    public String curves(String key) {
        return trackingUri + "/#/metric?runs=" + json(runs) + "&metric=" + json(key) + "&experiments="
                + json(List.copyOf(experiments)) + "&plot_metric_keys=" + json(List.of(key)) + "&x_axis=step" + TYPE;
    }

    private static String json(Object value) {
        return URLEncoder.encode(CanonicalJson.write(value), StandardCharsets.UTF_8)
                .replace("+", "%20");
    }

    /** Where a run's curves are in MLflow's own pages. */
    public static final class OfRun {
        private OfRun() {}

        /** The page's address; empty as long as MLflow, if there is any, does not know the run. */
        public static Optional<String> find(Optional<MlflowConfig> mlflow, Run run) {
            return mlflow.flatMap(server -> find(
                    server.trackingUri().toString(),
                    run.mlflow().experimentId(),
                    run.mlflow().runId()));
        }

        /** As above, by MLflow's ids; null for one that it has not given yet. */
        public static Optional<String> find(
                String trackingUri, @Nullable String experimentId, @Nullable String mlflowRunId) {
            if (experimentId == null || mlflowRunId == null) {
                return Optional.empty();
            }
            // Without the workflow type MLflow shows the run as an evaluation of a language model.
            return Optional.of(trackingUri + "/#/experiments/" + experimentId + "/runs/" + mlflowRunId
                    + "/model-metrics?workflowType=machine_learning");
        }
    }
}
