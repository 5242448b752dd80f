package perdura.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.relay.MlflowConfig;
import picocli.CommandLine.Command;

/** Prints what MLflow's own client needs. */
@Command(
        name = "env",
        description = {
            "Print the variables by which a notebook or MLflow's own client reaches MLflow, password included.",
            "Use it with: source <(perdura mlflow env)",
            "A browser that opens a link of Perdura asks for the same user and password once."
        })
final class MlflowEnvCommand extends Subcommand {
    @Override
    public Integer call() {
        MlflowConfig config = connection
                .load()
                .mlflow()
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "no MLflow runs in " + connection.stackHome().folder()
                                + ", and no setting names one; start one with " + Advice.UP.in()
                                + ", or set PERDURA_MLFLOW_URL"));
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("MLFLOW_TRACKING_URI", config.trackingUri().toString());
        put(variables, "MLFLOW_TRACKING_TOKEN", config.token());
        put(variables, "MLFLOW_TRACKING_USERNAME", config.user());
        put(variables, "MLFLOW_TRACKING_PASSWORD", config.password());
        variables.forEach((name, value) -> terminal.secret("export " + name + "=" + quoted(value)));
        return 0;
    }

    private static void put(Map<String, String> variables, String name, @Nullable String value) {
        if (value != null) {
            variables.put(name, value);
        }
    }

    /** For a POSIX shell. */
    private static String quoted(String value) {
        return value.matches("[\\w@%+=:,./-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
    }
}
