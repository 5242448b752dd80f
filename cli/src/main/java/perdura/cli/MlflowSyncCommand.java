package perdura.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.cli.settings.Settings;
import perdura.cli.words.Json;
import perdura.grids.spec.Advice;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.relay.MlflowConfig;
import perdura.store.relay.MlflowRelay;
import perdura.store.relay.Outbox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Delivers what waits for MLflow. */
@Command(name = "sync", description = "Deliver everything that waits in the outbox to MLflow, each point once.")
final class MlflowSyncCommand extends Subcommand.Changing {
    @Option(names = "--patience", paramLabel = "TIME", description = "how long to try; default: 10m")
    private Duration patience = Duration.ofMinutes(10);

    @Option(names = "--retry-parked", description = "try rows again that were set aside for an error")
    private boolean retryParked;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    int run(Connections connections) {
        Settings settings = connections.settings();
        MlflowConfig mlflow = settings.mlflow()
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "no setting says where MLflow is; set PERDURA_MLFLOW_URL, or start the local stack with "
                                + Advice.UP.in() + " on a machine with Python 3"));
        Outbox outbox = new Outbox(connections.database());
        if (retryParked) {
            terminal.message(outbox.retryParked() + " parked rows are tried again.");
        }
        try (MlflowRelay relay = new MlflowRelay(connections.database(), mlflow, DurableEffects.counting())) {
            return report(relay.drain(patience), outbox.listParked(), mlflow);
        }
    }

    private int report(MlflowRelay.Report report, List<Outbox.Parked> parked, MlflowConfig mlflow) {
        if (json) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("mlflow", mlflow.trackingUri().toString());
            all.put("delivered", report.delivered());
            all.put("pending", report.pending());
            all.put("parked", parked);
            all.put("lastError", report.lastError());
            terminal.result(Json.of(all));
        } else {
            terminal.result("delivered " + report.delivered() + ", pending " + report.pending() + ", parked "
                    + report.parked() + " (" + mlflow.trackingUri() + ")");
        }
        parked.forEach(
                row -> terminal.message("parked: " + row.kind() + " of run " + row.runId() + ": " + row.reason()));
        if (report.pending() > 0) {
            terminal.message("MLflow did not take everything: " + report.lastError() + ". Nothing is lost; try again.");
        }
        return report.pending() == 0 && report.parked() == 0 ? 0 : 1;
    }
}
