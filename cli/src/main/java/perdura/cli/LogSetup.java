package perdura.cli;

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
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}
