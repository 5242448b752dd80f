package perdura.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.activities.worker.WorkerConfig;
import perdura.activities.worker.WorkerSupervisor;
import perdura.cli.Main.LogSetup;
import perdura.cli.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Works in the foreground until SIGTERM. */
@Command(
        name = "worker",
        description = {
            "Run a worker in the foreground: a supervisor, and one process for each device.",
            "SIGTERM or Ctrl-C commits at the next step boundary, hands the runs back, and exits with 0."
        })
final class WorkerCommand extends Subcommand {
    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "a slot: auto, cpu or cuda:N; may be given several times; default: auto")
    private List<String> devices = new ArrayList<>();

    @Option(names = "--work-dir", paramLabel = "DIR", description = "logs and crash logs; default: .perdura/worker")
    private @Nullable Path workDir;

    @Option(
            names = "--heartbeat-timeout",
            paramLabel = "TIME",
            description = "silence after which a host counts as lost; default: 60s")
    private Duration heartbeatTimeout = WorkerConfig.HEARTBEAT_TIMEOUT;

    @Option(
            names = "--heartbeat-throttle",
            paramLabel = "TIME",
            description = "time between heartbeats, hence the delay of a pause or a stop; default: 5s")
    private Duration heartbeatThrottle = WorkerConfig.HEARTBEAT_THROTTLE;

    @Option(
            names = "--stall-timeout",
            paramLabel = "TIME",
            description = "time without a step after which an attempt counts as stuck; default: 30m")
    private Duration stallTimeout = WorkerConfig.STALL_TIMEOUT;

    @Option(
            names = "--shutdown-grace",
            paramLabel = "TIME",
            description = "time that a shutdown may take; default: 25s")
    private Duration shutdownGrace = WorkerConfig.SHUTDOWN_GRACE;

    @Override
    public Integer call() throws InterruptedException {
        WorkerConfig config = config(connection.load());
        LogSetup.configureWorker(config.workDir());
        new WorkerSupervisor(config).run();
        return 0;
    }

    private WorkerConfig config(Settings settings) {
        try {
            return new WorkerConfig(
                    settings.temporal(),
                    settings.database(),
                    settings.mlflow().orElse(null),
                    settings.airflow()
                            .map(server -> server.withSecretsOf(terminal.environment()))
                            .orElse(null),
                    settings.artifacts(),
                    workDir == null ? connection.stackHome().worker() : workDir.toAbsolutePath(),
                    devices.isEmpty() ? List.of("auto") : devices,
                    heartbeatTimeout,
                    heartbeatThrottle,
                    stallTimeout,
                    shutdownGrace);
        } catch (IllegalArgumentException e) {
            throw wrong(e);
        }
    }
}
