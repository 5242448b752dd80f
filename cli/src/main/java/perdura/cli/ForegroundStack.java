package perdura.cli;

import java.util.List;
import java.util.Map;
import perdura.cli.settings.Setting;
import perdura.cli.stack.LocalStack;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.cli.words.Terminal;
import perdura.grids.spec.Advice;

/** A local stack with the embedded Temporal that lives as long as one command. Ctrl-C ends it in order. */
final class ForegroundStack implements AutoCloseable {
    static final String ON_INTERRUPT = "Committing and ending; go on with: " + Advice.RESUME.of("RUN");

    private final LocalStack stack;
    private final Thread hook;

    private ForegroundStack(LocalStack stack) {
        this.stack = stack;
        this.hook = new Thread(stack::close);
    }

    /** Begins to start the parts; {@link #awaitUsable} waits for them. */
    static ForegroundStack start(
            Terminal terminal,
            StackHome home,
            StackOptions.Mlflow mlflow,
            List<String> devices,
            Map<Setting, String> given) {
        StackOptions options =
                new StackOptions(StackOptions.Temporal.EMBEDDED, mlflow, StackOptions.Worker.LOCAL, devices, given);
        ForegroundStack started = new ForegroundStack(LocalStack.start(home, options, terminal.environment()));
        Runtime.getRuntime().addShutdownHook(started.hook);
        return started;
    }

    /** Waits for everything that a run needs; not for MLflow. */
    void awaitUsable() throws InterruptedException {
        for (PartName name : List.of(PartName.POSTGRES, PartName.TEMPORAL, PartName.WORKER)) {
            if (stack.hasPart(name)) {
                stack.awaitReady(name);
            }
        }
    }

    LocalStack stack() {
        return stack;
    }

    /** Ends the parts, unless the process ends already, whose hook does it then. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return;
        }
        stack.close();
    }
}
