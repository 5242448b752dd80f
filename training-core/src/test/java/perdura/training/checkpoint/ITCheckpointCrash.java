package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Position;

class ITCheckpointCrash {
    @TempDir
    Path root;

    @Test
    void aWriterHaltedAtAnyInstantLeavesACheckpointOrNone() throws Exception {
        Finished whole = run(root.resolve("whole"), 2, 1, -1);
        assertThat(whole.exit).isZero();
        long instants = Long.parseLong(whole.output.get(0));
        assertThat(instants).isGreaterThan(10);
        for (long instant = 0; instant < instants; instant++) {
            Path store = root.resolve("halted-" + instant);
            Checkpoint before = new CheckpointWriter(
                            store, CheckpointProcess.RUN, 1, "c0ffee", DurableEffects.counting())
                    .write(new Position(1, 0, 1), CheckpointProcess.state(1), null);

            assertThat(run(store, 2, 1, instant).exit).isEqualTo(DurableEffects.HALTED);
            for (Path folder : complete(store)) {
                String manifest =
                        FileDigest.of(folder.resolve(CheckpointFiles.MANIFEST)).sha256();
                assertThat(CheckpointReader.verify(folder, manifest).stateDigest())
                        .startsWith(String.valueOf(folder)
                                .substring(String.valueOf(folder).length() - 8));
            }

            new CheckpointCleaner(store, CheckpointProcess.RUN, DurableEffects.counting())
                    .sweep(2, List.of(before.folder()));
            assertThat(complete(store)).containsExactly(before.folder());
            Finished again = run(store, 2, 2, -1);
            assertThat(again.exit).isZero();
            assertThat(again.output.get(1)).isEqualTo(whole.output.get(1));
            assertThat(entries(store)).hasSize(2);
        }
    }

    private record Finished(int exit, List<String> output) {}

    private static Finished run(Path store, long step, long fence, long instant) throws Exception {
        Process process = CheckpointProcess.start(List.of(), store, step, fence, instant);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Finished(process.waitFor(), output.lines().toList());
    }

    private static List<Path> complete(Path store) throws IOException {
        return entries(store).stream()
                .filter(path -> !String.valueOf(path.getFileName()).startsWith("."))
                .toList();
    }

    private static List<Path> entries(Path store) throws IOException {
        try (Stream<Path> entries = Files.list(store.resolve(CheckpointProcess.RUN.value()))) {
            return entries.toList();
        }
    }
}
