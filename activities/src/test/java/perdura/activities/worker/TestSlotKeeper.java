package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.gpu.RunStore;
import perdura.grids.spec.DurableEffects;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.testkit.FreshDatabase;

/** A keeper whose processes only wait for the end of their standard input. */
@Timeout(120)
class TestSlotKeeper {
    @TempDir
    private Path workDir;

    /** Main class of such a process. */
    static final class Waiting {
        private Waiting() {}

        public static void main(String[] arguments) throws IOException {
            while (System.in.read() >= 0) {}
        }
    }

    @Test
    void aSlotThatCannotBeStartedOrDiesAtOnceIsStartedAgain() throws Exception {
        Path blocked = Files.writeString(workDir.resolve("slot-0"), "a file where its folder is to be");
        try (EmbeddedTemporal server = new EmbeddedTemporal();
                TemporalConnection temporal = TemporalConnection.open(server.config(), Duration.ofSeconds(20));
                FreshDatabase postgres = FreshDatabase.create();
                Database database = Database.open(
                        new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                        DurableEffects.counting(),
                        Duration.ofSeconds(20))) {
            TokenFolder tokens = new TokenFolder(workDir, DurableEffects.counting());
            SlotKeeper keeper = new SlotKeeper(
                    new SlotProcess(new SlotSettings(config(server, postgres), 0, "cpu"), Waiting.class.getName()),
                    new DeathReporter(tokens, temporal.client().newActivityCompletionClient()),
                    new CrashReport(workDir, RunStore.of(database)));
            Thread thread = new Thread(keeper);
            thread.start();
            try {
                thread.join(1_500); // it has failed some times by then
                assertThat(thread.isAlive()).isTrue();
                Files.delete(blocked);
                long first = awaitProcess();
                ProcessHandle.of(first).ifPresent(ProcessHandle::destroyForcibly);
                await().until(() -> awaitProcess() != first);
            } finally {
                keeper.stop();
                thread.join();
            }
            assertThat(ProcessHandle.current().children()).noneMatch(TestSlotKeeper::waits);
        }
    }

    private static long awaitProcess() {
        return await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> ProcessHandle.current()
                                .children()
                                .filter(TestSlotKeeper::waits)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow()
                .pid();
    }

    /** This test starts no other JVM. */
    private static boolean waits(ProcessHandle process) {
        return process.isAlive()
                && process.info()
                        .command()
                        .filter(command -> command.endsWith("java"))
                        .isPresent();
    }

    private WorkerConfig config(EmbeddedTemporal server, FreshDatabase postgres) {
        return new WorkerConfig(
                server.config(),
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                null,
                null,
                workDir,
                workDir,
                List.of("cpu"),
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                Duration.ofMinutes(5),
                Duration.ofSeconds(25));
    }
}
