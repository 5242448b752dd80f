package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.Part.UnavailablePartException;
import perdura.cli.stack.StackState.PartState;
import perdura.cli.stack.StackState.PartState.Phase;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** A stack on a disk that is full for a while. The disk is one in memory, which only root can mount. */
@Timeout(600)
class TestFullDisk {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir(cleanup = CleanupMode.NEVER) // it is another disk, which is gone by then
    private Path folder;

    private StackHome home = new StackHome(Path.of("none"));
    private StackBoard board = new StackBoard(home);
    private Thread keeper = new Thread();
    private final WritingPart part = new WritingPart();

    /** Needs room to start, as a server does, and is then a process that sleeps. */
    private final class WritingPart extends Part {
        private boolean isInstalled = true;

        WritingPart() {
            super(PartName.WORKER, Duration.ofMinutes(1), Duration.ZERO);
        }

        @Override
        void prepare(Progress progress) throws UnavailablePartException {
            if (!isInstalled) {
                try {
                    write("program");
                    isInstalled = true;
                } catch (IOException e) {
                    throw new UnavailablePartException("cannot be installed");
                }
            }
        }

        @Override
        public Started start(PartState ports, Progress progress) {
            try {
                write("log-" + System.nanoTime()); // one that is there would leave its room to the next
                Process process = new ProcessBuilder("sleep", "1000").start();
                return new Started(ProcessRef.of(process.toHandle()), "sleeps");
            } catch (IOException e) {
                throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, "cannot be started", e);
            }
        }

        private void write(String name) throws IOException {
            Files.write(home.folder().resolve(name), new byte[1 << 16]);
        }

        @Override
        public boolean isReady(PartState state) {
            return state.isAlive();
        }
    }

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        Process mount =
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", folder.toString()).start();
        assumeTrue(mount.waitFor() == 0, "a disk cannot be mounted here");
        home = new StackHome(folder.resolve("home"));
        Files.createDirectories(home.folder());
        board = new StackBoard(home);
        keeper = new Thread(new PartKeeper(part, board, List.of()));
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        keeper.interrupt();
        keeper.join();
        ProcessRef process = board.part(PartName.WORKER).process();
        if (process != null) {
            process.find().ifPresent(ProcessHandle::destroyForcibly);
        }
        new ProcessBuilder("umount", "-l", folder.toString()).start().waitFor();
    }

    private Path fill() throws IOException {
        Path filler = folder.resolve("filler");
        byte[] chunk = new byte[1 << 12];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(chunk);
            }
        } catch (IOException full) {
            return filler;
        }
    }

    private void kill() {
        Objects.requireNonNull(board.part(PartName.WORKER).process()).find().ifPresent(ProcessHandle::destroyForcibly);
    }

    private void awaitPart(Predicate<PartState> wanted) {
        await().atMost(PATIENCE).until(() -> wanted.test(board.part(PartName.WORKER)));
    }

    @Test
    void aPartThatDiedComesBackWhenThereIsRoom() throws IOException {
        keeper.start();
        awaitPart(state -> state.phase() == Phase.READY);
        Path filler = fill();
        kill();

        awaitPart(state -> state.phase() == Phase.RESTARTING && state.detail().contains("is full"));
        assertThat(board.part(PartName.WORKER).detail()).contains(home.folder().toString(), "needs");
        assertThat(home.findFullDisk()).isPresent();
        Files.delete(filler);

        awaitPart(state -> state.phase() == Phase.READY);
        // What could not be written down is written then.
        await().atMost(PATIENCE)
                .until(() -> home.loadState().part(PartName.WORKER).phase() == Phase.READY);
        assertThat(home.findFullDisk()).isEmpty();
    }

    @Test
    void aPartThatCouldNotBeInstalledIsTriedAgainWhenThereIsRoom() throws IOException {
        part.isInstalled = false;
        Path filler = fill();
        keeper.start();

        awaitPart(state -> state.phase() == Phase.UNAVAILABLE && state.detail().contains("is full"));
        Files.delete(filler);

        awaitPart(state -> state.phase() == Phase.READY);
    }
}
