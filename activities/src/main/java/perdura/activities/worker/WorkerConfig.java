package perdura.activities.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.store.DatabaseConfig;
import perdura.store.relay.MlflowConfig;

/**
 * What a worker is started with.
 *
 * @param mlflow where the relay delivers, or null for no relay in this worker
 * @param airflow where DAGs are run, or null if this worker runs none
 * @param artifactRoot folder of checkpoints and other files of runs, shared by all workers
 * @param workDir folder of this worker on this host: logs, tokens of running activities, crash logs
 * @param devices {@code cpu}, {@code cuda:0}, …: one slot, hence one process, each; may be empty
 * @param heartbeatTimeout silence after which a host counts as lost; must outlast a restart of the server
 * @param heartbeatThrottle time between two heartbeats, hence the delay of a pause or a stop
 * @param stallTimeout time without the end of a step after which a segment counts as stuck
 * @param shutdownGrace time that a shutdown may take
 */
public record WorkerConfig(
        TemporalConfig temporal,
        DatabaseConfig database,
        @Nullable MlflowConfig mlflow,
        @Nullable AirflowConfig airflow,
        Path artifactRoot,
        Path workDir,
        List<String> devices,
        Duration heartbeatTimeout,
        Duration heartbeatThrottle,
        Duration stallTimeout,
        Duration shutdownGrace) {
    public static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(60);
    public static final Duration HEARTBEAT_THROTTLE = Duration.ofSeconds(5);
    public static final Duration STALL_TIMEOUT = Duration.ofMinutes(30);
    public static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(25);

    private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda:[0-9]+");

    public WorkerConfig {
        devices = checkedDevices(devices);
        requirePositive("heartbeatTimeout", heartbeatTimeout);
        requirePositive("heartbeatThrottle", heartbeatThrottle);
        requirePositive("stallTimeout", stallTimeout);
        requirePositive("shutdownGrace", shutdownGrace);
    }

    /**
     * The devices of a worker's slots.
     *
     * @throws IllegalArgumentException if one is no device, or there twice
     */
    public static List<String> checkedDevices(List<String> devices) {
        for (String device : devices) {
            if (!DEVICE.matcher(device).matches()) {
                throw new IllegalArgumentException("device must be auto, cpu or cuda:N, was '" + device + "'");
            }
        }
        if (new HashSet<>(devices).size() < devices.size()) {
            throw new IllegalArgumentException("a device can have one slot only, was " + devices);
        }
        return List.copyOf(devices);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be > 0, was " + value);
        }
    }
}
