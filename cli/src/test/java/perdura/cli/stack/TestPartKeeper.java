package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.StackState.PartState;

@Timeout(60)
class TestPartKeeper {
    /** Serves as soon as it is started, in this very process. */
    private static final class TestingPart extends Part {
        TestingPart() {
            super(PartName.TEMPORAL, Duration.ofMinutes(1), Duration.ZERO);
        }

        @Override
        public Started start(PartState ports, Progress progress) {
            return new Started(ProcessRef.of(ProcessHandle.current()), "testing");
        }

        @Override
        public boolean isReady(PartState state) {
            return true;
        }

        @Override
        public void requestStop(ProcessHandle process) {}
    }

    @Test
    void aPortThatSomebodyTookMeanwhileIsLeftToThem(@TempDir Path folder) throws IOException, InterruptedException {
        try (ServerSocket somebody = new ServerSocket(0)) {
            PartState settled = keep(folder, somebody.getLocalPort());

            assertThat(settled.phase()).isEqualTo(PartState.Phase.READY);
            assertThat(settled.port()).isPositive().isNotEqualTo(somebody.getLocalPort());
            assertThat(settled.uiPort()).isZero();
        }
    }

    @Test
    void aFreePortStays(@TempDir Path folder) throws IOException, InterruptedException {
        int port;
        try (ServerSocket briefly = new ServerSocket(0)) {
            port = briefly.getLocalPort();
        }

        assertThat(keep(folder, port).port()).isEqualTo(port);
    }

    private static PartState keep(Path folder, int port) throws InterruptedException {
        StackBoard board = new StackBoard(new StackHome(folder));
        board.changePart(PartName.TEMPORAL, state -> state.withPorts(port, 0));
        Thread keeper = new Thread(new PartKeeper(new TestingPart(), board, List.of()));
        keeper.start();
        PartState settled = board.awaitSettled(PartName.TEMPORAL);
        keeper.interrupt();
        keeper.join();
        return settled;
    }
}
