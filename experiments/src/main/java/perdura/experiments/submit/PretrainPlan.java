package perdura.experiments.submit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import perdura.experiments.compare.ParameterTexts;
import perdura.grids.spec.Advice;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.training.method.Methods;

/** Makes the store's row of a new pre-training from its spec: what MLflow shows of it, and nothing of the data's whereabouts. */
public final class PretrainPlan {
    private static final Set<String> NO_PARAMETER =
            Set.of("apiVersion", "kind", "name", "experiment", "data.root", "data.vocabulary", "prepare.airflow.conf");

    private PretrainPlan() {}

    /**
     * The new run.
     *
     * @param user who starts it
     * @param revision the source tree's git revision, if there is one
     */
    public static NewRun newRun(PretrainSpec spec, RunId runId, String user, Optional<String> revision) {
        String json = Methods.load().specs().write(spec);
        return new NewRun(
                runId,
                new Run.Identity(
                        spec.experiment(),
                        runId.value(),
                        RunKind.PRETRAIN,
                        json,
                        Methods.load().specs().identity(spec),
                        spec.seed()),
                parameters(json),
                tags(spec, runId, user, revision));
    }

    /** Every value of the spec under its dotted path. */
    static Map<String, String> parameters(String json) {
        Map<String, String> parameters = new LinkedHashMap<>();
        flatten("", ParameterTexts.json(json), parameters);
        return parameters;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (NO_PARAMETER.contains(path)) {
            return;
        }
        if (node.isObject()) {
            node.properties()
                    .forEach(field -> flatten(
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), into));
        } else if (node.isArray() && node.size() > 0 && node.get(0).isObject()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(path + "." + i, node.get(i), into);
            }
        } else {
            into.put(path, ParameterTexts.text(node));
        }
    }

    /** The tag {@code perdura.run_key} is the relay's. */
    private static Map<String, String> tags(PretrainSpec spec, RunId runId, String user, Optional<String> revision) {
        String method = spec.method().name().toUpperCase(Locale.ROOT);
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("perdura.method", method);
        tags.put("perdura.profile", spec.profile());
        tags.put(
                "perdura.stages",
                String.join(
                        ",",
                        spec.method().stages().stream()
                                .map(s -> String.valueOf(s.stage()))
                                .toList()));
        List<String> deviations = Methods.load().specs().deviations(spec);
        tags.put("perdura.deviations", deviations.isEmpty() ? "none" : String.join("; ", deviations));
        tags.put("mlflow.source.name", "perdura pretrain");
        tags.put("mlflow.user", user);
        tags.put(
                "mlflow.note.content",
                "Pre-training of %s, profile `%s`, seed %d, run by Perdura. Follow it with `%s`."
                        .formatted(method, spec.profile(), spec.seed(), Advice.RUNS_WATCH.of(runId)));
        revision.ifPresent(r -> tags.put("mlflow.source.git.commit", r));
        return tags;
    }
}
