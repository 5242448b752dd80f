package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The right to plan and to join an ingest: one thread of one process has it at a time. The operating system takes it back from a
 * process that dies; the file stays, and means nothing by itself.
 *
 * @param file its folder is there
 */
record IngestLock(Path file) {
    private static final long PAUSE_MILLIS = 100;

    /** What is done by whoever has the lock. */
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Works while nobody else does.
     *
     * @param waiting called now and then until it can begin; what it throws ends the waiting
     * @throws PerduraException PREEMPTED if the thread is interrupted before
     */
    <T> T hold(Runnable waiting, Work<T> work) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (!isTaken(channel)) {
                waiting.run();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            return work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "the ingest was interrupted", e);
        }
    }

    /** False if another process has it, or another thread of this one. Closing the channel gives it back. */
    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
