package perdura.training.weights.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Whatever happens to a file, the answer is the tensors or a fault. */
class TestDamagedFiles {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"state.pth", "state-protocol4.pth", "state-legacy.pth", "lightning.ckpt", "state.safetensors"})
    void aTruncatedFileIsAlwaysRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(TestWeightFile.fixture(name));
        for (int length = 0; length < whole.length; length += 11) {
            Path file = Files.write(folder.resolve("x"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> WeightFile.open(file).close())
                    .as("%s cut to %d bytes", name, length)
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"state.pth", "state-protocol4.pth", "state-legacy.pth", "lightning.ckpt", "state.safetensors"})
    void flippedBytesGiveTensorsOrAFault(String name) throws IOException {
        byte[] whole = Files.readAllBytes(TestWeightFile.fixture(name));
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 500; round++) {
            byte[] damaged = whole.clone();
            int flips = 1 + random.nextInt(3);
            for (int i = 0; i < flips; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            readAll(Files.write(folder.resolve("x"), damaged));
        }
    }

    private static void readAll(Path file) {
        try (WeightFile opened = WeightFile.open(file)) {
            for (FileTensor tensor : opened.tensors()) {
                if (tensor.type().isReadable()) {
                    assertThat(opened.read(tensor, "x").shape()).isEqualTo(tensor.shape());
                }
            }
        } catch (PerduraException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS);
        }
    }

    @Test
    void aViewThatRepeatsAFewBytesManyTimesIsRefused() throws IOException {
        String storage = "(X\7\0\0\0storagectorch\nFloatStorage\nU\1" + "0U\3cpuK\2tQ";
        String view = "K\0(J\0\0\0\1J\0\0\0\1t(K\0K\0t\u0089N"; // [2^24, 2^24] of one element
        byte[] pickle = StoredZip.bytes("\u0080\2}U\1wctorch._utils\n_rebuild_tensor_v2\n(" + storage + view + "tRs.");
        Path file =
                StoredZip.write(folder.resolve("x.pth"), Map.of("x/data.pkl", pickle, "x/data/0", new byte[8]), false);
        try (WeightFile opened = WeightFile.open(file)) {
            FileTensor bomb = opened.tensors().get(0);
            assertThatThrownBy(() -> opened.read(bomb, "x"))
                    .hasMessageContaining("repeats the 4 bytes that it has in the file more than 64 times");
        }
    }
}
