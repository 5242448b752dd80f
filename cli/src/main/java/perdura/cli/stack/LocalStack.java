package perdura.cli.stack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import perdura.cli.settings.Setting;
import perdura.cli.stack.StackState.PartState;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * A running local stack that this process supervises. What an owner that was killed has left running is taken over. One
 * owner at a time: the lock file sees to that.
 */
public final class LocalStack implements AutoCloseable {
    private static final int TEMPORAL_PORT = 7233;
    private static final int TEMPORAL_UI_PORT = 8233;
    private static final int MLFLOW_PORT = 5000;
    private static final int POSTGRES_PORT = 15432;

    private final StackBoard board;
    private final StackParts parts;
    private final FileChannel lock;
    private final List<Thread> keepers = new ArrayList<>();

    private LocalStack(StackBoard board, StackParts parts, FileChannel lock) {
        this.board = board;
        this.parts = parts;
        this.lock = lock;
    }

    /**
     * Begins to start every part, and returns.
     *
     * @param environment PATH and XDG_CACHE_HOME are read
     * @throws PerduraException SERVICE_UNAVAILABLE if another process supervises this folder's stack
     */
    public static LocalStack start(StackHome home, StackOptions options, Map<String, String> environment) {
        FileChannel lock = lock(home);
        StackBoard board = new StackBoard(home);
        Launcher launcher = new Launcher(environment.getOrDefault("PATH", ""));
        CacheFolder cache = CacheFolder.of(environment);
        StackParts parts = new StackParts(home, options, launcher, cache, board::state);
        LocalStack stack = new LocalStack(board, parts, lock);
        boolean embedded = options.temporal() == StackOptions.Temporal.EMBEDDED;
        stack.endLeftOvers(embedded);
        board.change(s -> s.ownedBy(ProcessRef.of(ProcessHandle.current()), embedded));
        stack.choosePorts();
        if (stack.hasPart(PartName.MLFLOW)) {
            LocalMlflow.findOrMakeLogin(home);
        }
        stack.startKeepers();
        return stack;
    }

    /** Ends in order what a killed owner has left running. */
    static void endLeftBehind(StackHome home, StackOptions.Temporal kind, Map<String, String> environment) {
        FileChannel lock = lock(home);
        StackBoard board = new StackBoard(home);
        StackOptions everything =
                new StackOptions(kind, StackOptions.Mlflow.LOCAL, StackOptions.Worker.LOCAL, List.of(), Map.of());
        Launcher launcher = new Launcher(environment.getOrDefault("PATH", ""));
        StackParts parts = new StackParts(home, everything, launcher, CacheFolder.of(environment), board::state);
        new LocalStack(board, parts, lock).close();
    }

    private static FileChannel lock(StackHome home) {
        try {
            secure(home.folder());
            FileChannel channel = PrivateFiles.openOrCreate(home.lockFile());
            FileLock held = channel.tryLock();
            if (held == null) {
                channel.close();
                throw new PerduraException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "another process supervises the stack in " + home.folder() + "; " + Advice.STATUS.in()
                                + " shows it, " + Advice.DOWN.in() + " ends it");
            }
            return channel;
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.ARTIFACT_STORE_UNAVAILABLE, home.folder() + " cannot be written", e);
        }
    }

    /** Passwords and patients' data lie there: it is its owner's alone. */
    private static void secure(Path folder) throws IOException {
        PrivateFiles.createDirectories(folder);
        if (!PrivateFiles.isOwn(folder)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    folder + " belongs to another user; choose a folder of your own with --home or PERDURA_HOME");
        }
        PrivateFiles.close(folder);
    }

    /** A Temporal of the other kind, and the worker that talks to it, can't be taken over. Nor can what has no part now. */
    private void endLeftOvers(boolean embedded) {
        boolean otherKind = board.state().embedded() != embedded;
        if (otherKind && parts.all().containsKey(PartName.TEMPORAL)) {
            end(PartName.WORKER);
            end(PartName.TEMPORAL);
        }
        if (board.state().format() < StackState.FORMAT) {
            endAll(); // they know no passwords
        }
        // The last owner's words are old: only a living process counts.
        for (PartName name : PartName.values()) {
            board.changePart(name, s -> s.isAlive() ? s.as(PartState.Phase.STARTING, s.detail()) : s.stopped());
        }
    }

    private void choosePorts() {
        List<Integer> taken = new ArrayList<>();
        choosePort(PartName.POSTGRES, POSTGRES_PORT, 0, taken);
        choosePort(PartName.TEMPORAL, TEMPORAL_PORT, TEMPORAL_UI_PORT, taken);
        choosePort(PartName.MLFLOW, MLFLOW_PORT, 0, taken);
    }

    private void choosePort(PartName name, int usual, int usualUi, List<Integer> taken) {
        PartState state = board.part(name);
        if (!parts.all().containsKey(name) || state.isAlive()) {
            return;
        }
        int port = Ports.choose(List.of(state.port(), usual), taken);
        taken.add(port);
        int uiPort = usualUi == 0 ? 0 : Ports.choose(List.of(state.uiPort(), usualUi), taken);
        taken.add(uiPort);
        board.changePart(name, s -> s.withPorts(port, uiPort));
    }

    private void startKeepers() {
        parts.all().forEach((name, part) -> {
            Thread keeper = new Thread(new PartKeeper(part, board, parts.needsOf(name)), "keeper-" + name);
            keeper.setDaemon(true);
            keepers.add(keeper);
            keeper.start();
        });
    }

    /** Whether the stack runs a part of its own under this name. */
    public boolean hasPart(PartName name) {
        return parts.all().containsKey(name);
    }

    /** What the parts are doing. */
    public StackState state() {
        return board.state();
    }

    /**
     * Waits until a part is ready.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if it can't run here
     */
    public void awaitReady(PartName name) throws InterruptedException {
        PartState settled = board.awaitSettled(name);
        if (settled.phase() == PartState.Phase.UNAVAILABLE) {
            throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, name.title() + ": " + settled.detail());
        }
    }

    /** Ends every part, the worker first, and gives the folder free. */
    @Override
    public void close() {
        keepers.forEach(Thread::interrupt);
        keepers.forEach(LocalStack::await);
        endAll();
        board.change(s -> s.ownedBy(null, s.embedded()));
        try {
            lock.close();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, "the stack's lock cannot be given back", e);
        }
    }

    private void endAll() {
        List<PartName> order = new ArrayList<>(List.of(PartName.values()));
        Collections.reverse(order);
        order.forEach(this::end);
    }

    private void end(PartName name) {
        Part part = parts.all().get(name);
        if (part != null) {
            PartKeeper.PartStopper.stop(part, board.part(name));
        }
        board.changePart(name, PartState::stopped);
    }

    private static void await(Thread keeper) {
        try {
            keeper.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Which parts a stack of certain options has, and how they hang together. */
    private static final class StackParts {
        private final Map<PartName, Part> parts = new EnumMap<>(PartName.class);

        /** @param state what the state file says now, for ports that other parts listen on */
        StackParts(
                StackHome home,
                StackOptions options,
                Launcher launcher,
                CacheFolder cache,
                Supplier<StackState> state) {
            IntSupplier postgresPort = () -> state.get().part(PartName.POSTGRES).port();
            for (PartName name : options.parts()) {
                Part part = switch (name) {
                    case POSTGRES -> new LocalPostgres(home, cache, launcher);
                    case TEMPORAL ->
                        new LocalTemporal(home, cache, launcher, options.temporal() == StackOptions.Temporal.EMBEDDED);
                    case MLFLOW -> new LocalMlflow(home, cache, launcher, postgresPort);
                    case WORKER ->
                        new LocalWorker(home, launcher, options.devices(), () -> variables(home, options, state.get()));
                };
                parts.put(name, part);
            }
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

        private static Map<String, String> variables(StackHome home, StackOptions options, StackState state) {
            Set<PartName> own = options.parts();
            if (state.part(PartName.MLFLOW).phase() == PartState.Phase.UNAVAILABLE) {
                own.remove(PartName.MLFLOW);
            }
            Map<Setting, String> values = home.settings(state, own);
            values.put(Setting.ARTIFACTS, home.artifacts().toString());
            values.putAll(options.given());
            Map<String, String> variables = new LinkedHashMap<>();
            values.forEach((setting, value) -> variables.put(setting.variable(), value));
            return variables;
        }
    }
}
