package perdura.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Chooses where logs go, before anything logs: a command is quiet, a process that works for long tells what it does. */
final class LogSetup {
    private static final String SWITCH = "logback.configurationFile";

    private LogSetup() {}

    static void configure(String[] arguments) {
        List<String> words = Arrays.asList(arguments);
        if (System.getProperty(SWITCH) == null && !words.contains("worker")) {
            boolean isTalkative = words.contains("--debug") || words.contains("stack-daemon");
            System.setProperty(SWITCH, "perdura/cli/" + (isTalkative ? "logback-talkative.xml" : "logback-quiet.xml"));
        }
        bridge();
    }

    /** A worker's logs: all into its folder, what people need to the console. */
    static void configureWorker(Path workDir) {
        if (System.getProperty(SWITCH) == null) {
            System.setProperty(SWITCH, "perdura/activities/worker/supervisor-logback.xml");
            System.setProperty(
                    "perdura.worker.log", workDir.resolve("worker.log").toString());
        }
    }

    private static void bridge() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}
