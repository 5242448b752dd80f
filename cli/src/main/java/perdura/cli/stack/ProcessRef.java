package perdura.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A process that somebody of us started. The start time tells it from a later one with the same number.
 *
 * @param pid its number
 * @param startedAt when it began, as the operating system says
 */
public record ProcessRef(long pid, Instant startedAt) {
    /** The system counts from its own boot time, which it corrects by less than this. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    public static ProcessRef of(ProcessHandle handle) {
        return new ProcessRef(handle.pid(), handle.info().startInstant().orElse(Instant.EPOCH));
    }

    /** The living process, or empty if it has ended, or if its number belongs to another one now. */
    public Optional<ProcessHandle> find() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(handle -> handle.info()
                        .startInstant()
                        .map(start -> Duration.between(start, startedAt).abs().compareTo(SLACK) < 0)
                        .orElse(false))
                .filter(handle -> !isZombie(handle));
    }

    public boolean isAlive() {
        return find().isPresent();
    }

    /** A child that nobody has waited for still has a number, but no command. */
    private static boolean isZombie(ProcessHandle handle) {
        Path stat = Path.of("/proc/" + handle.pid() + "/stat");
        try {
            String line = Files.readString(stat);
            return line.substring(line.lastIndexOf(')') + 1).trim().startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }
}
