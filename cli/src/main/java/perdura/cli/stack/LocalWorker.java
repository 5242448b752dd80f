package perdura.cli.stack;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import perdura.cli.stack.Launcher.Inherits;
import perdura.cli.stack.StackState.PartState;

/** The worker's supervisor as a process: the command {@code perdura worker}. */
final class LocalWorker extends Part {
    // Its JVM stands and its pollers run after this; a worker that can't connect has ended by then.
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private final StackHome home;
    private final Launcher launcher;
    private final List<String> devices;
    private final Supplier<Map<String, String>> environment;

    /** @param environment the connection settings, as variables, when the worker starts */
    LocalWorker(StackHome home, Launcher launcher, List<String> devices, Supplier<Map<String, String>> environment) {
        // End: it promises 30 s
        super(PartName.WORKER, Duration.ofMinutes(1), Duration.ofSeconds(40));
        this.home = home;
        this.launcher = launcher;
        this.devices = List.copyOf(devices);
        this.environment = environment;
    }

    @Override
    public Started start(PartState ports, Progress progress) {
        progress.report("starting");
        List<String> arguments =
                new ArrayList<>(List.of("worker", "--work-dir", home.worker().toString()));
        devices.forEach(device -> arguments.addAll(List.of("--device", device)));
        List<String> command = launcher.java(List.of("-Xmx512m", "-XX:+UseSerialGC"), "perdura.cli.Main", arguments);
        Process process = launcher.start(
                command, Inherits.WORK, environment.get(), home.logs().resolve("worker.log"));
        return new Started(ProcessRef.of(process.toHandle()), "slots: " + String.join(", ", devices));
    }

    @Override
    public boolean isReady(PartState state) {
        ProcessRef process = state.process();
        return process != null
                && process.isAlive()
                && process.startedAt().plus(SETTLING).isBefore(Instant.now());
    }
}
