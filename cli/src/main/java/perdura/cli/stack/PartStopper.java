package perdura.cli.stack;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a part: asks, waits, and kills what has not ended then, with its children. */
final class PartStopper {
    private static final Logger LOG = LoggerFactory.getLogger(PartStopper.class);

    private PartStopper() {}

    static void stop(Part part, PartState state) {
        ProcessRef process = state.process();
        Optional<ProcessHandle> alive = process == null ? Optional.empty() : process.find();
        if (alive.isEmpty()) {
            return;
        }
        List<ProcessHandle> family = alive.get().descendants().toList();
        part.requestStop(alive.get());
        if (!hasEnded(alive.get(), part.stopPatience().toMillis())) {
            LOG.warn("{} did not end within {}; it is killed", part.name(), part.stopPatience());
            alive.get().destroyForcibly();
        }
        family.forEach(ProcessHandle::destroyForcibly);
        hasEnded(alive.get(), 5_000);
    }

    private static boolean hasEnded(ProcessHandle process, long millis) {
        try {
            process.onExit().get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return !process.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }
}
