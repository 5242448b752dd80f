package perdura.activities.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.worker.TokenFolder.RunningActivity;
import perdura.grids.spec.BackOff;

/** Keeps the process of one slot alive: reports its death at once, and starts it again with a growing pause. */
final class SlotKeeper implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotKeeper.class);

    /** A process that lived this long has worked, so that its death is a new one. */
    private static final Duration WORKED = Duration.ofSeconds(10);

    private static final BackOff PAUSES = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(30));

    private final SlotProcess slot;
    private final DeathReporter deaths;
    private final CrashReport crashes;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Process running;

    SlotKeeper(SlotProcess slot, DeathReporter deaths, CrashReport crashes) {
        this.slot = slot;
        this.deaths = deaths;
        this.crashes = crashes;
    }

    @Override
    public void run() {
        int quickDeaths = 0;
        try {
            for (boolean first = true; !isStopping(); first = false) {
                long startedNanos = System.nanoTime();
                keepOne(first);
                boolean quick = System.nanoTime() - startedNanos < WORKED.toNanos();
                quickDeaths = quick ? quickDeaths + 1 : 0;
                if (stop.await(pauseMillis(quickDeaths), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One process, from its start to its end. What goes wrong, as on a full disk, may heal: it is tried again. */
    private void keepOne(boolean first) throws InterruptedException {
        try {
            Process process = startUnlessStopping(first);
            if (process != null) {
                ProcessIdentity identity = ProcessIdentity.of(process.toHandle());
                ended(identity, process.waitFor());
            }
        } catch (RuntimeException e) {
            LOG.error("the process of {} can't be kept now, and is started again", slot.folder(), e);
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    /** Asks the process to end at its next step boundary. Returns at once. */
    synchronized void stop() {
        stop.countDown();
        Process process = running;
        if (process != null) {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                LOG.debug("the process of {} has gone by itself", slot.folder());
            }
        }
    }

    /** Ends a process that did not end in time. */
    synchronized void kill() {
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** Whether this is the process that the keeper waits for itself. */
    synchronized boolean isKept(ProcessIdentity process) {
        return running != null && running.pid() == process.pid();
    }

    private synchronized @Nullable Process startUnlessStopping(boolean first) {
        if (isStopping()) {
            return null;
        }
        running = slot.start(first);
        return running;
    }

    private boolean isStopping() {
        return stop.getCount() == 0;
    }

    private void ended(ProcessIdentity process, int exitCode) {
        String how = "exit code " + exitCode;
        for (RunningActivity activity : deaths.reportDead(process::isSame, how)) {
            activity.runId()
                    .or(() -> crashes.findRun(activity.worker()))
                    .ifPresent(runId -> crashes.record(runId, activity.worker(), how, slot, process.pid()));
        }
        if (exitCode != 0 && !isStopping()) {
            LOG.warn("the process {} of {} ended with {}", process.pid(), slot.folder(), how);
        }
    }

    /** The first death costs no time; a process that dies again and again must not eat the machine. */
    private static long pauseMillis(int quickDeaths) {
        if (quickDeaths <= 1) {
            return 0;
        }
        return PAUSES.after(quickDeaths - 2).toMillis();
    }
}
