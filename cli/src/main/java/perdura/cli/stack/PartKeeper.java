package perdura.cli.stack;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.cli.stack.Part.Progress;
import perdura.cli.stack.Part.Started;
import perdura.cli.stack.Part.UnavailablePartException;
import perdura.cli.stack.StackState.PartState;
import perdura.datasets.file.DiskSpace;
import perdura.grids.spec.BackOff;
import perdura.grids.spec.PerduraException;

/** Keeps one part alive: takes over or starts it, waits until it is ready, and starts it again when it dies. */
final class PartKeeper implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PartKeeper.class);
    private static final BackOff PAUSES = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(30));
    // A part that lives this long has a cause of its own when it dies, and begins again without a pause.
    private static final Duration HEALTHY = Duration.ofSeconds(10);
    private static final int STARTS_BEFORE_UNAVAILABLE = 3;
    private static final int LOOKS_PER_SAVE = 10;
    private static final Duration LOOK_FOR_ROOM = Duration.ofSeconds(2);

    private final Part part;
    private final StackBoard board;
    private final List<PartName> needs;

    /** @param needs parts that must be settled before this one starts */
    PartKeeper(Part part, StackBoard board, List<PartName> needs) {
        this.part = part;
        this.board = board;
        this.needs = List.copyOf(needs);
    }

    /** Keeps the part until interrupted. The process is then still there. */
    @Override
    public void run() {
        try {
            for (PartName need : needs) {
                board.awaitSettled(need);
            }
            keepOrGiveUp();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A part that could not run for want of room is tried again when there is some. */
    private void keepOrGiveUp() throws InterruptedException {
        while (true) {
            try {
                keep();
            } catch (UnavailablePartException e) {
                giveUp(e.getMessage()
                        + board.findFullDisk().map(PartKeeper::fullDisk).orElse(""));
            } catch (RuntimeException e) {
                LOG.error("{} is left alone", part.name(), e);
                giveUp(e.getMessage()
                        + board.findFullDisk().map(PartKeeper::fullDisk).orElse(""));
            }
            if (board.findFullDisk().isEmpty()) {
                return;
            }
            while (board.findFullDisk().isPresent()) {
                Thread.sleep(LOOK_FOR_ROOM.toMillis());
            }
            LOG.info("There is room again: {} is started", part.name());
            board.changePart(part.name(), s -> s.restarting("there is room again, starts"));
        }
    }

    private static String fullDisk(DiskSpace disk) {
        return "; " + disk.sentence(StackHome.SMALLEST_ROOM, "the stack") + "; it starts by itself when there is room";
    }

    private void keep() throws InterruptedException, UnavailablePartException {
        int failures = 0;
        boolean everReady = false;
        while (true) {
            Instant began = Instant.now();
            if (board.part(part.name()).isAlive() || start(everReady)) {
                if (awaitReady()) {
                    everReady = true;
                    awaitEnd();
                }
            }
            boolean wasHealthy = Duration.between(began, Instant.now()).compareTo(HEALTHY) > 0;
            failures = wasHealthy ? 1 : failures + 1;
            if (!everReady && failures >= STARTS_BEFORE_UNAVAILABLE) {
                throw new UnavailablePartException(
                        "ended " + failures + " times before it was ready; see its log in " + board.logs());
            }
            LOG.warn("{} ended; it starts again", part.name());
            String disk = board.findFullDisk().map(PartKeeper::fullDisk).orElse("");
            board.changePart(part.name(), s -> s.restarting("ended, starts again" + disk));
            Thread.sleep(pauseMillis(failures));
        }
    }

    private boolean start(boolean everReady) throws InterruptedException, UnavailablePartException {
        board.changePart(part.name(), s -> s.as(PartState.Phase.STARTING, "starting"));
        Progress progress = what -> board.changePart(part.name(), s -> s.as(s.phase(), what));
        try {
            part.prepare(progress);
            if (!everReady) {
                leaveTakenPorts();
            }
            Started started = part.start(board.part(part.name()), progress);
            board.changePart(part.name(), s -> s.running(started.process(), started.detail()));
            return true;
        } catch (PerduraException e) {
            LOG.warn("{} did not start: {}", part.name(), e.getMessage());
            return false;
        } catch (UnavailablePartException e) {
            if (!everReady) {
                throw e;
            }
            LOG.warn("{} did not start again: {}", part.name(), e.getMessage());
            return false;
        }
    }

    /** Others may have taken the ports since they were chosen. Once somebody has connected there is no way back. */
    private void leaveTakenPorts() {
        List<Integer> others = new ArrayList<>();
        board.state().parts().forEach((name, state) -> {
            if (name != part.name()) {
                others.add(state.port());
                others.add(state.uiPort());
            }
        });
        PartState own = board.part(part.name());
        int port = free(own.port(), others);
        others.add(port);
        int uiPort = free(own.uiPort(), others);
        board.changePart(part.name(), s -> s.withPorts(port, uiPort));
    }

    private static int free(int wanted, List<Integer> taken) {
        return wanted == 0 ? 0 : Ports.choose(List.of(wanted), taken);
    }

    private boolean awaitReady() throws InterruptedException {
        Instant deadline = Instant.now().plus(part.patience());
        while (Instant.now().isBefore(deadline)) {
            PartState state = board.part(part.name());
            if (!state.isAlive()) {
                return false;
            }
            // What answers may be another's server on the port that ours, ended meanwhile, could not have.
            if (part.isReady(state) && state.isAlive()) {
                board.changePart(part.name(), s -> s.as(PartState.Phase.READY, s.detail()));
                LOG.info("{} is ready", part.name());
                return true;
            }
            Thread.sleep(200);
        }
        LOG.error("{} is not ready after {}; it is ended", part.name(), part.patience());
        PartStopper.stop(part, board.part(part.name()));
        return false;
    }

    private void awaitEnd() throws InterruptedException {
        for (long looks = 1; board.part(part.name()).isAlive(); looks++) {
            Thread.sleep(100);
            if (looks % LOOKS_PER_SAVE == 0) {
                board.saveIfMissed();
            }
        }
    }

    private void giveUp(String why) {
        board.changePart(part.name(), s -> s.stopped().as(PartState.Phase.UNAVAILABLE, why));
    }

    /** At once, then 1 s, 2 s, 4 s and so on. */
    private static long pauseMillis(int failures) {
        return failures <= 1 ? 0 : PAUSES.after(failures - 2).toMillis();
    }

    /** Ends a part: asks, waits, and kills what has not ended then, with its children. */
    static final class PartStopper {
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

        static boolean hasEnded(ProcessHandle process, long millis) {
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
}
