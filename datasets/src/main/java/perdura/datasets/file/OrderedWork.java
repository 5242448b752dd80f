package perdura.datasets.file;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import perdura.grids.spec.DaemonThreads;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Work on several threads whose results come in the order of their inputs. Only a few wait at any time. */
public final class OrderedWork {
    private static final int AHEAD_OF_EACH_THREAD = 4;

    private OrderedWork() {}

    /** What is done with one input; called from several threads. */
    public interface Maker<I, R> {
        R make(I input) throws IOException;
    }

    /** What is done with one result; called from the calling thread. */
    public interface Taker<R> {
        void take(R result) throws IOException;
    }

    /**
     * Makes and takes everything; the first failure, in the order of the inputs, ends it.
     *
     * @param waiting called each second while a result is waited for; what it throws ends the work
     * @throws PerduraException of the making; PREEMPTED if the thread is interrupted meanwhile
     */
    public static <I, R> void run(Iterator<I> inputs, int threads, Runnable waiting, Maker<I, R> maker, Taker<R> taker)
            throws IOException {
        ExecutorService workers = Executors.newFixedThreadPool(threads, new DaemonThreads("perdura-work"));
        try {
            Queue<Future<R>> ahead = new ArrayDeque<>();
            while (inputs.hasNext() || !ahead.isEmpty()) {
                while (inputs.hasNext() && ahead.size() < threads * AHEAD_OF_EACH_THREAD) {
                    I input = inputs.next();
                    ahead.add(workers.submit(() -> maker.make(input)));
                }
                taker.take(await(ahead.remove(), waiting));
            }
        } finally {
            workers.shutdownNow();
            awaitEnd(workers);
        }
    }

    private static <R> R await(Future<R> result, Runnable waiting) throws IOException {
        try {
            while (true) {
                try {
                    return result.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    waiting.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "interrupted while a data set was made", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new PerduraException(ErrorCode.INTERNAL, "making a part of a data set failed: " + e.getCause(), e);
        }
    }

    /** Nothing may still write when the folder is taken away. */
    private static void awaitEnd(ExecutorService workers) {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = workers.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
