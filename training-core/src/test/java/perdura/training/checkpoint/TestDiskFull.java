package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Position;

class TestDiskFull {
    @TempDir
    Path root;

    @Test
    @EnabledOnOs(OS.LINUX)
    void aWriteThatIsRefusedHalfwayLeavesOnlyTheCheckpointBefore() throws Exception {
        Checkpoint before = new CheckpointWriter(root, CheckpointProcess.RUN, 1, "c0ffee", DurableEffects.counting())
                .write(new Position(1, 0, 1), Tensors.state(1), null);

        // the system refuses to let any file grow beyond 64 KiB, a sixth of the weights
        List<String> limited = List.of("bash", "-c", "ulimit -f 64; exec \"$@\"", "limited");
        Process process = CheckpointProcess.start(limited, root, 2, 1, -1);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isEqualTo(1);
        assertThat(output).contains("can't write the checkpoint of step 2").contains("free space");
        assertThat(names()).containsExactly(String.valueOf(before.folder().getFileName()));
        assertThat(CheckpointReader.read(before.folder(), before.manifestDigest())
                        .position())
                .isEqualTo(before.position());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(root.resolve(CheckpointProcess.RUN.value()))) {
            return entries.map(path -> String.valueOf(path.getFileName())).toList();
        }
    }
}
