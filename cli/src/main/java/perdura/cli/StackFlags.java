package perdura.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import perdura.activities.worker.WorkerConfig;
import perdura.cli.settings.Setting;
import perdura.cli.stack.StackOptions;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import picocli.CommandLine.Option;

/** What a local stack is to consist of. */
final class StackFlags {
    @Option(
            names = "--embedded",
            description = "take the embedded Temporal service, even where the real one can be had")
    private boolean embedded;

    @Option(names = "--no-mlflow", description = "start no MLflow; the outbox keeps everything for later")
    private boolean noMlflow;

    @Option(names = "--no-worker", description = "start no worker; runs wait for workers that are started elsewhere")
    private boolean noWorker;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "a slot of the worker: auto, cpu or cuda:N; may be given several times; default: auto")
    private List<String> devices = new ArrayList<>();

    /** @throws PerduraException INVALID_SPEC for devices that no worker takes: it would die and be started again for ever */
    StackOptions options(Map<Setting, String> given) {
        try {
            WorkerConfig.checkedDevices(devices);
        } catch (IllegalArgumentException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "--device: " + e.getMessage(), e);
        }
        return new StackOptions(
                embedded ? StackOptions.Temporal.EMBEDDED : StackOptions.Temporal.REAL,
                noMlflow ? StackOptions.Mlflow.NONE : StackOptions.Mlflow.LOCAL,
                noWorker ? StackOptions.Worker.NONE : StackOptions.Worker.LOCAL,
                devices.isEmpty() ? List.of("auto") : devices,
                given);
    }
}
