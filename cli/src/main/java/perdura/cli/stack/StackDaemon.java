package perdura.cli.stack;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The background process behind {@code perdura up}: supervises the stack until SIGTERM, then ends it in order. */
public final class StackDaemon {
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
