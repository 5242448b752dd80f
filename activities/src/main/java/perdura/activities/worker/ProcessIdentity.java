package perdura.activities.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One process of this host; the number alone may belong to another process later.
 *
 * @param startedAtMillis when it started, milliseconds since 1970
 */
record ProcessIdentity(long pid, long startedAtMillis) {
    /** The system derives the start from its boot time, which moves when the clock is set. */
    private static final Duration CLOCK_DRIFT = Duration.ofSeconds(2);

    static ProcessIdentity own() {
        return of(ProcessHandle.current());
    }

    static ProcessIdentity of(ProcessHandle process) {
        long startedAt =
                process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return new ProcessIdentity(process.pid(), startedAt);
    }

    /** Whether both are one process, each with the start that another process has read. */
    boolean isSame(ProcessIdentity other) {
        return pid == other.pid && Math.abs(startedAtMillis - other.startedAtMillis) <= CLOCK_DRIFT.toMillis();
    }

    boolean isAlive() {
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        if (process.isEmpty() || isZombie()) {
            return false;
        }
        return isSame(of(process.get()));
    }

    /** A dead process whose parent is dead too stays in the table of a container that has no init. */
    private boolean isZombie() {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (IOException e) {
            return false; // not Linux, or gone this moment
        }
    }
}
