package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.activities.worker.WorkerConfig;
import perdura.cli.settings.Setting;
import perdura.cli.stack.PartName;
import perdura.cli.stack.ProcessRef;
import perdura.cli.stack.StackControl;
import perdura.cli.stack.StackControl.StackDaemon;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.cli.stack.StackState;
import perdura.cli.stack.StackState.PartState;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.grids.spec.Advice;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Commands about the local stack. */
final class StackCommands {
    private StackCommands() {}

    /** Starts the local stack in the background. */
    @Command(
            name = "up",
            description = {
                "Start Postgres, Temporal, MLflow and a worker in the background, with their data in .perdura/.",
                "A server that is named by a flag, a variable or perdura.yaml is used instead of an own one."
            })
    static final class Up extends Subcommand {
        @Mixin
        private StackFlags flags = new StackFlags();

        @Override
        public Integer call() throws InterruptedException {
            StackHome home = connection.stackHome();
            if (home.loadState().isOwned()) {
                return tellRunning(home);
            }
            terminal.message("Starting the stack in " + home.folder());
            Map<Setting, String> given = connection.loadGiven().values();
            StackOptions options = flags.options(given);
            StackState state = new StackControl(home, terminal.environment())
                    .start(options, line -> terminal.message("  " + line));
            terminal.result(StackTable.of(state));
            StackTable.warnings(state).forEach(terminal::message);
            tellDisk(home);
            return StackTable.isUsable(state) ? 0 : 1;
        }

        /** A supervised stack is not yet one that works. */
        private int tellRunning(StackHome home) {
            StackState state = home.loadState();
            List<String> missing = StackTable.missing(state);
            terminal.message(
                    missing.isEmpty()
                            ? "The stack in " + home.folder() + " runs already."
                            : "The stack in " + home.folder() + " is supervised, but not all of it works: "
                                    + String.join(", ", missing)
                                    + ". What has ended is started again by itself; logs are in " + home.logs()
                                    + "; 'perdura down' and 'perdura up' start all of it anew.");
            tellDisk(home);
            terminal.result(StackTable.of(state));
            return missing.isEmpty() ? 0 : 1;
        }

        private void tellDisk(StackHome home) {
            home.findFullDisk()
                    .ifPresent(disk ->
                            terminal.message("WARNING: " + disk.sentence(StackHome.SMALLEST_ROOM, "the stack")));
        }
    }

    /** Ends the local stack. */
    @Command(
            name = "down",
            description =
                    "End the local stack in order: the worker commits first. Nothing is lost; 'perdura up' goes on.")
    static final class Down extends Subcommand {
        @Override
        public Integer call() {
            StackHome home = connection.stackHome();
            if (home.loadState().isAnythingAlive()) {
                terminal.message("Ending the stack in " + home.folder() + "; running work is committed first");
            }
            boolean ended = new StackControl(home, terminal.environment()).stop();
            terminal.message(ended ? "The stack is down." : "No stack runs in " + home.folder() + ".");
            return 0;
        }
    }

    /** Shows the local stack. */
    @Command(name = "status", description = "Show the parts of the local stack.")
    static final class Status extends Subcommand {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            StackHome home = connection.stackHome();
            StackState state = home.loadState();
            if (json) {
                terminal.result(Json.of(StackTable.json(state)));
                return 0;
            }
            if (state.isAnythingAlive()) {
                terminal.result(StackTable.of(state));
                StackTable.warnings(state).forEach(terminal::message);
            }
            home.findFullDisk()
                    .ifPresent(disk ->
                            terminal.message("WARNING: " + disk.sentence(StackHome.SMALLEST_ROOM, "the stack")));
            if (!state.isOwned()) {
                terminal.message(
                        state.isAnythingAlive()
                                ? "Nobody supervises the stack; " + Advice.UP.in() + " takes it over, "
                                        + Advice.DOWN.in() + " ends it."
                                : "No stack runs in " + home.folder() + "; " + Advice.UP.in()
                                        + " starts one. For one in another folder set PERDURA_HOME or --home.");
            }
            return 0;
        }
    }

    /** The background process of {@code perdura up}. */
    @Command(name = "stack-daemon", hidden = true, description = "Supervise the local stack in the foreground.")
    static final class Daemon extends Subcommand {
        @Mixin
        private StackFlags flags = new StackFlags();

        @Override
        public Integer call() throws InterruptedException {
            new StackDaemon(
                            connection.stackHome(),
                            flags.options(connection.loadGiven().values()),
                            terminal.environment())
                    .run();
            return 0;
        }
    }

    /** The state of the local stack for people and for programs. */
    static final class StackTable {
        private StackTable() {}

        static String of(StackState state) {
            Table table = new Table("PART", "STATE", "PORT", "PID", "RESTARTS", "DETAIL");
            state.parts()
                    .forEach((name, part) -> table.row(
                            name.title(),
                            word(part),
                            part.port() == 0 ? "" : part.port(),
                            part.process() == null ? "" : part.process().pid(),
                            part.restarts(),
                            part.detail()));
            return table.toString();
        }

        /** What the process table says counts more than what the file says. */
        static String word(PartState part) {
            boolean shouldRun = part.phase() == PartState.Phase.READY || part.phase() == PartState.Phase.STARTING;
            ProcessRef process = part.process();
            boolean isDead = shouldRun && process != null && !process.isAlive();
            return isDead ? "dead" : EnumWord.of(part.phase());
        }

        static Map<String, Object> json(StackState state) {
            Map<String, Object> parts = new LinkedHashMap<>();
            state.parts().forEach((name, part) -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("state", word(part));
                one.put("port", part.port());
                one.put("uiPort", part.uiPort());
                ProcessRef process = part.process();
                one.put("pid", process == null ? 0 : process.pid());
                one.put("restarts", part.restarts());
                one.put("detail", part.detail());
                parts.put(EnumWord.of(name), one);
            });
            Map<String, Object> whole = new LinkedHashMap<>();
            whole.put("running", state.isOwned());
            whole.put("embedded", state.embedded());
            whole.put("parts", parts);
            return whole;
        }

        /** What a user must know although everything may work. */
        static List<String> warnings(StackState state) {
            List<String> lines = new ArrayList<>();
            PartState temporal = state.part(PartName.TEMPORAL);
            if (temporal.detail().startsWith("EMBEDDED")) {
                lines.add("WARNING: Temporal is the " + temporal.detail()
                        + ". For the real server put 'temporal' or Go on the PATH, or set PERDURA_TEMPORAL_ADDRESS.");
            }
            lines.addAll(state.parts().entrySet().stream()
                    .filter(part -> part.getValue().phase() == PartState.Phase.UNAVAILABLE)
                    .map(part -> part.getKey().title() + ": " + part.getValue().detail())
                    .toList());
            return lines;
        }

        /** The parts that were started and don't work now; one that this machine can't run is none. */
        static List<String> missing(StackState state) {
            return state.parts().entrySet().stream()
                    .filter(part -> part.getValue().phase() != PartState.Phase.STOPPED)
                    .filter(part -> part.getValue().phase() != PartState.Phase.READY
                            || word(part.getValue()).equals("dead"))
                    .filter(part ->
                            part.getKey() != PartName.MLFLOW || part.getValue().phase() != PartState.Phase.UNAVAILABLE)
                    .map(part -> part.getKey().title() + " is " + word(part.getValue()))
                    .toList();
        }

        /** Whether runs can be made: everything but MLflow is needed. */
        static boolean isUsable(StackState state) {
            return state.parts().entrySet().stream()
                    .filter(part -> part.getKey() != PartName.MLFLOW)
                    .noneMatch(part -> part.getValue().phase() == PartState.Phase.UNAVAILABLE);
        }
    }

    /** What a local stack is to consist of. */
    static final class StackFlags {
        @Option(
                names = "--embedded",
                description = "take the embedded Temporal service, even where the real one can be had")
        private boolean embedded;

        @Option(names = "--no-mlflow", description = "start no MLflow; the outbox keeps everything for later")
        private boolean noMlflow;

        @Option(
                names = "--no-worker",
                description = "start no worker; runs wait for workers that are started elsewhere")
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
}
