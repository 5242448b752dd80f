package perdura.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.cli.stack.Launcher.Inherits;
import perdura.cli.stack.StackState.PartState;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Starts and ends the background stack of a folder from outside. */
public final class StackControl {
    // The sum of what the parts may take to end.
    private static final Duration END_PATIENCE = Duration.ofSeconds(130);

    private final StackHome home;
    private final Map<String, String> environment;

    public StackControl(StackHome home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
    }

    /**
     * Starts the background process and waits until every part is ready, or known to be unavailable.
     *
     * @param listener hears every change of a part, as a line for people
     * @throws PerduraException SERVICE_UNAVAILABLE if the background process ends, with the end of its log
     */
    public StackState start(StackOptions options, Consumer<String> listener) throws InterruptedException {
        if (home.loadState().isOwned()) {
            return home.loadState();
        }
        Process daemon = launch(options);
        Map<PartName, String> told = new LinkedHashMap<>();
        while (true) {
            if (!daemon.isAlive()) {
                throw new PerduraException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "the stack's background process ended with status " + daemon.exitValue() + "; the end of "
                                + log() + ":\n" + tail());
            }
            StackState state = home.loadState();
            if (state.isOwned()) {
                tell(state, told, listener);
                if (isSettled(state, options)) {
                    return state;
                }
            }
            Thread.sleep(200);
        }
    }

    private Process launch(StackOptions options) {
        Launcher launcher = new Launcher(environment.getOrDefault("PATH", ""));
        List<String> arguments =
                new ArrayList<>(List.of("stack-daemon", "--home", home.folder().toString()));
        if (options.temporal() == StackOptions.Temporal.EMBEDDED) {
            arguments.add("--embedded");
        }
        if (options.mlflow() == StackOptions.Mlflow.NONE) {
            arguments.add("--no-mlflow");
        }
        if (options.worker() == StackOptions.Worker.NONE) {
            arguments.add("--no-worker");
        }
        options.devices().forEach(device -> arguments.addAll(List.of("--device", device)));
        // Settings travel as variables: a command line can be read by every user of the machine.
        Map<String, String> variables = new LinkedHashMap<>();
        options.given().forEach((setting, value) -> variables.put(setting.variable(), value));
        List<String> command = launcher.java(List.of("-Xmx256m", "-XX:+UseSerialGC"), "perdura.cli.Main", arguments);
        return launcher.start(command, Inherits.ALL, variables, log());
    }

    private static void tell(StackState state, Map<PartName, String> told, Consumer<String> listener) {
        state.parts().forEach((name, part) -> {
            String now = part.phase() + " " + part.detail();
            if (part.phase() != PartState.Phase.STOPPED && !now.equals(told.put(name, now))) {
                String what = part.phase() == PartState.Phase.READY ? "ready" : part.detail();
                listener.accept(name.title() + ": " + what);
            }
        });
    }

    private static boolean isSettled(StackState state, StackOptions options) {
        return options.parts().stream()
                .map(name -> state.part(name).phase())
                .allMatch(phase -> phase == PartState.Phase.READY || phase == PartState.Phase.UNAVAILABLE);
    }

    /**
     * Ends the supervising process, which ends its parts in order; then whatever a killed one has left.
     *
     * @return whether anything ran
     */
    public boolean stop() {
        StackState state = home.loadState();
        if (!state.isAnythingAlive()) {
            return false;
        }
        ProcessRef owner = state.owner();
        Optional<ProcessHandle> supervisor = owner == null ? Optional.empty() : owner.find();
        supervisor.ifPresent(StackControl::end);
        if (home.loadState().isAnythingAlive()) {
            // Taking the left-overs over is the way to end them in order.
            StackOptions.Temporal kind = state.embedded() ? StackOptions.Temporal.EMBEDDED : StackOptions.Temporal.REAL;
            LocalStack.endLeftBehind(home, kind, environment);
        }
        return true;
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        boolean hasEnded = PartKeeper.PartStopper.hasEnded(process, END_PATIENCE.toMillis());
        if (!hasEnded
                && !Thread.currentThread().isInterrupted()) { // interrupted, it was not waited for, and ends by itself
            process.destroyForcibly();
        }
    }

    private Path log() {
        return home.logs().resolve("daemon.log");
    }

    private String tail() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
        } catch (IOException e) {
            return "(no log)";
        }
    }

    /** The background process behind {@code perdura up}: supervises the stack until SIGTERM, then ends it in order. */
    public static final class StackDaemon {
        private static final Logger LOG = LoggerFactory.getLogger(StackDaemon.class);

        private final StackHome home;
        private final StackOptions options;
        private final Map<String, String> environment;

        public StackDaemon(StackHome home, StackOptions options, Map<String, String> environment) {
            this.home = home;
            this.options = options;
            this.environment = environment;
        }

        /** Returns never by itself: the JVM's shutdown ends the stack. */
        public void run() throws InterruptedException {
            LocalStack stack = LocalStack.start(home, options, environment);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                LOG.info("The stack ends");
                stack.close();
            }));
            LOG.info("Supervising the stack in {}", home.folder());
            new CountDownLatch(1).await();
        }
    }
}
