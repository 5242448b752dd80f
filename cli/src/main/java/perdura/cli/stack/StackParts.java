package perdura.cli.stack;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import perdura.cli.settings.Setting;

/** Which parts a stack of certain options has, and how they hang together. */
final class StackParts {
    private final Map<PartName, Part> parts = new EnumMap<>(PartName.class);

    /** @param state what the state file says now, for ports that other parts listen on */
    StackParts(StackHome home, StackOptions options, Launcher launcher, CacheFolder cache, Supplier<StackState> state) {
        if (!options.isGiven(Setting.DATABASE_URL)) {
            add(new LocalPostgres(home, cache));
        }
        if (!options.isGiven(Setting.TEMPORAL_ADDRESS)) {
            add(new LocalTemporal(home, cache, launcher, options.temporal() == StackOptions.Temporal.EMBEDDED));
        }
        // MLflow's tables live in our Postgres.
        boolean localMlflow = options.mlflow() == StackOptions.Mlflow.LOCAL
                && !options.isGiven(Setting.MLFLOW_URL)
                && !options.isGiven(Setting.DATABASE_URL);
        if (localMlflow) {
            add(new LocalMlflow(
                    home,
                    cache,
                    launcher,
                    () -> state.get().part(PartName.POSTGRES).port()));
        }
        if (options.worker() == StackOptions.Worker.LOCAL) {
            add(new LocalWorker(
                    home, launcher, options.devices(), () -> variables(home, options, state.get(), parts.keySet())));
        }
    }

    private void add(Part part) {
        parts.put(part.name(), part);
    }

    Map<PartName, Part> all() {
        return Collections.unmodifiableMap(parts);
    }

    /** MLflow may come up long after the worker: the outbox waits for it, training does not. */
    List<PartName> needsOf(PartName name) {
        List<PartName> needs = switch (name) {
            case POSTGRES, TEMPORAL -> List.of();
            case MLFLOW -> List.of(PartName.POSTGRES);
            case WORKER -> List.of(PartName.POSTGRES, PartName.TEMPORAL);
        };
        return needs.stream().filter(parts::containsKey).toList();
    }

    private static Map<String, String> variables(
            StackHome home, StackOptions options, StackState state, Set<PartName> own) {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        if (own.contains(PartName.POSTGRES)) {
            values.putAll(StackHome.databaseSettings(state));
        }
        if (own.contains(PartName.TEMPORAL)) {
            values.put(
                    Setting.TEMPORAL_ADDRESS,
                    "127.0.0.1:" + state.part(PartName.TEMPORAL).port());
        }
        if (own.contains(PartName.MLFLOW) && state.part(PartName.MLFLOW).phase() != PartState.Phase.UNAVAILABLE) {
            values.put(Setting.MLFLOW_URL, StackHome.mlflowUrl(state));
        }
        values.put(Setting.ARTIFACTS, home.artifacts().toString());
        values.putAll(options.given());
        Map<String, String> variables = new LinkedHashMap<>();
        values.forEach((setting, value) -> variables.put(setting.variable(), value));
        return variables;
    }
}
