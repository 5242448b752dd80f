package perdura.datasets.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.array.NpyWriter.NpyType;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestNpy {
    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void nameFile() {
        file = folder.resolve("a.npy");
    }

    /** The header that {@code numpy.save} writes for such an array. */
    @Test
    void theHeaderIsNumpys() throws IOException {
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, 2, 3)) {
            for (int i = 0; i < 6; i++) {
                writer.putFloat(i / 2f);
            }
            NpyWriter.NpyInfo info = writer.finish();
            assertThat(info.shape()).containsExactly(2L, 3L);
            assertThat(info.sizeBytes()).isEqualTo(128 + 24);
            assertThat(info.sha256()).matches("[0-9a-f]{64}");
        }
        byte[] bytes = Files.readAllBytes(file);
        String header = "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
        byte[] expected = Arrays.copyOf(header.getBytes(StandardCharsets.ISO_8859_1), 128);
        Arrays.fill(expected, header.length(), 127, (byte) ' ');
        expected[127] = '\n';
        assertThat(Arrays.copyOf(bytes, 128)).isEqualTo(expected);
        assertThat(NpyFile.map(file).floatAt(1, 2)).isEqualTo(2.5f);
    }

    @Test
    void everyTypeIsReadBack() throws IOException {
        try (NpyWriter writer = NpyWriter.create(file, NpyType.INT64, 3)) {
            for (long value : new long[] {1, -2, Long.MAX_VALUE}) {
                writer.putLong(value);
            }
            writer.finish();
        }
        NpyFile longs = NpyFile.map(file);
        assertThat(longs.longAt(2)).isEqualTo(Long.MAX_VALUE);
        assertThat(longs.rows()).isEqualTo(3);
        assertThat(longs.type()).isEqualTo("<i8");

        Path texts = folder.resolve("t.npy");
        try (NpyWriter writer = NpyWriter.create(texts, NpyType.text(5), 2)) {
            writer.putText("abc");
            writer.putText("défg");
            writer.finish();
        }
        assertThat(NpyFile.map(texts).textAt(0)).isEqualTo("abc");
        assertThat(NpyFile.map(texts).textAt(1)).isEqualTo("défg");
        assertThat(NpyFile.map(texts).shape()).isEqualTo(List.of(2L));

        Path rows = folder.resolve("r.npy");
        try (NpyWriter writer = NpyWriter.create(rows, NpyType.INT32, 2, 2)) {
            for (int value = 0; value < 4; value++) {
                writer.putInt(value);
            }
            writer.finish();
        }
        byte[] row = new byte[9];
        NpyFile.map(rows).read(1, row, 1);
        assertThat(row).containsExactly(0, 2, 0, 0, 0, 3, 0, 0, 0);
        assertThat(NpyFile.map(rows).intAt(1, 0)).isEqualTo(2);
    }

    @Test
    void anArrayWithoutElementsIsOne() throws IOException {
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, 7, 0)) {
            writer.finish();
        }
        assertThat(NpyFile.map(file).rows()).isEqualTo(7);
    }

    @Test
    void aCutFileIsRefused() throws IOException {
        try (NpyWriter writer = NpyWriter.create(file, NpyType.UINT8, 10)) {
            writer.put(new byte[10]);
            writer.finish();
        }
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 131));
        assertThatThrownBy(() -> NpyFile.map(file))
                .hasMessageContainingAll(String.valueOf(file), "3 bytes", "hold 10")
                .satisfies(e -> assertThat(((PerduraException) e).code()).isEqualTo(ErrorCode.INVALID_DATA));
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> NpyFile.map(file)).hasMessageContaining("it ends inside its header");
        Files.writeString(file, "not an array at all");
        assertThatThrownBy(() -> NpyFile.map(file)).hasMessageContaining("it doesn't begin as a NumPy file");
        assertThatThrownBy(() -> NpyFile.map(folder.resolve("none"))).hasMessageContaining("it can't be read");
    }

    @Test
    void whatWasPromisedMustBeWritten() throws IOException {
        try (NpyWriter writer = NpyWriter.create(file, NpyType.UINT8, 10)) {
            writer.putByte(1);
            assertThatIllegalStateException()
                    .isThrownBy(writer::finish)
                    .withMessageContainingAll(String.valueOf(file), "10 bytes", "given 1");
        }
        try (NpyWriter writer = NpyWriter.create(folder.resolve("t"), NpyType.text(2), 1)) {
            assertThatIllegalArgumentException().isThrownBy(() -> writer.putText("abc"));
        }
    }
}
