package perdura.cli.stack;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.cli.settings.Setting;

/**
 * What a local stack consists of.
 *
 * @param temporal which Temporal to start, unless {@code given} names one
 * @param mlflow whether to start MLflow, unless {@code given} names one
 * @param worker whether to start a worker
 * @param devices the worker's slots: {@code auto}, {@code cpu}, {@code cuda:N}
 * @param given settings of services that run already; the stack starts none of those
 */
public record StackOptions(
        Temporal temporal, Mlflow mlflow, Worker worker, List<String> devices, Map<Setting, String> given) {
    public StackOptions {
        devices = List.copyOf(devices);
        Map<Setting, String> copy = new EnumMap<>(Setting.class);
        copy.putAll(given);
        given = Collections.unmodifiableMap(copy);
    }

    /** Which Temporal. */
    public enum Temporal {
        /** The real server where it can be had, else the embedded service. */
        REAL,
        /** The embedded test service. */
        EMBEDDED
    }

    /** Whether MLflow. */
    public enum Mlflow {
        LOCAL,
        NONE
    }

    /** Whether a worker; without one, runs wait for workers elsewhere. */
    public enum Worker {
        LOCAL,
        NONE
    }

    /** The parts that the stack has: none that is given already. MLflow's tables live in our Postgres. */
    Set<PartName> parts() {
        Set<PartName> parts = EnumSet.noneOf(PartName.class);
        if (!given.containsKey(Setting.DATABASE_URL)) {
            parts.add(PartName.POSTGRES);
        }
        if (!given.containsKey(Setting.TEMPORAL_ADDRESS)) {
            parts.add(PartName.TEMPORAL);
        }
        if (mlflow == Mlflow.LOCAL && !given.containsKey(Setting.MLFLOW_URL) && parts.contains(PartName.POSTGRES)) {
            parts.add(PartName.MLFLOW);
        }
        if (worker == Worker.LOCAL) {
            parts.add(PartName.WORKER);
        }
        return parts;
    }
}
