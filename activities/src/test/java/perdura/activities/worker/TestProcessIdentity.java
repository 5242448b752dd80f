package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestProcessIdentity {
    @Test
    void thisProcessIsAlive() {
        assertThat(ProcessIdentity.own().isAlive()).isTrue();
    }

    @Test
    void aProcessThatHasEndedIsNot() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        ProcessIdentity identity = ProcessIdentity.of(process.toHandle());
        process.waitFor();

        assertThat(identity.isAlive()).isFalse();
    }

    @Test
    void anotherProcessWithTheSameNumberIsNot() {
        ProcessIdentity own = ProcessIdentity.own();

        assertThat(new ProcessIdentity(own.pid(), own.startedAtMillis() - 60_000).isAlive())
                .isFalse();
    }

    @Test
    void aStartThatAnotherProcessHasReadDiffersByTheDriftOfTheClockOnly() {
        ProcessIdentity read = new ProcessIdentity(17, 5_000);

        assertThat(read.isSame(new ProcessIdentity(17, 6_000))).isTrue();
        assertThat(read.isSame(new ProcessIdentity(17, 60_000)))
                .as("a later process of the same number")
                .isFalse();
        assertThat(read.isSame(new ProcessIdentity(18, 5_000))).isFalse();
    }

    @Test
    void aSlotIsNamedByItsWorkerToo() {
        assertThat(WorkerName.ofSlot(0))
                .contains("/worker-"
                        + ProcessHandle.current().parent().orElseThrow().pid() + "/slot-0/")
                .endsWith("/" + ProcessHandle.current().pid());
    }
}
