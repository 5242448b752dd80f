package perdura.training.weights.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.testkit.Fuzzing;

/** Damaged files for every reader of weights. */
@Tag("fuzz")
class ITFuzzWeights {
    @TempDir
    private Path folder;

    @Test
    void torchZip() throws IOException {
        fuzz("torch zip", "state.pth", "state-protocol4.pth", "lightning.ckpt");
    }

    @Test
    void torchLegacy() throws IOException {
        fuzz("torch legacy", "state-legacy.pth", "python2.pth");
    }

    @Test
    void safetensors() throws IOException {
        fuzz("safetensors", "state.safetensors");
    }

    private void fuzz(String kind, String... names) throws IOException {
        List<byte[]> sound = new ArrayList<>();
        for (String name : names) {
            sound.add(Files.readAllBytes(TestWeightFile.fixture(name)));
        }
        Path file = folder.resolve("x");
        Fuzzing.Tried tried =
                Fuzzing.of(kind).run(sound, bytes -> read(Files.write(file, bytes)), e -> isFault(e, file));
        assertThat(tried.files()).isPositive();
    }

    private static void read(Path file) {
        try (WeightFile opened = WeightFile.open(file)) {
            opened.verify();
            for (FileTensor tensor : opened.tensors()) {
                if (tensor.type().isReadable()) {
                    opened.read(tensor, "x");
                }
            }
        }
    }

    private static boolean isFault(Throwable e, Path file) {
        return e instanceof PerduraException fault
                && fault.code() == ErrorCode.INVALID_WEIGHTS
                && String.valueOf(fault.getMessage()).startsWith(file.toString())
                && !String.valueOf(fault.getMessage()).contains("\n");
    }
}
