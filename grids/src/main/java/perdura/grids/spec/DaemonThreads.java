package perdura.grids.spec;

import java.util.concurrent.ThreadFactory;

/** Threads of one name that don't keep a process alive. */
public record DaemonThreads(String name) implements ThreadFactory {
    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
