package perdura.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.testkit.GoldenFolder;

class TestSafetensors {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        List<HostTensor> tensors = List.of(
                Tensors.floats("a", 1.5f, Float.NaN, Float.NEGATIVE_INFINITY, -0.0f),
                Tensors.scalar("läsion \"n\"", Long.MIN_VALUE),
                Tensors.floats("empty"),
                new HostTensor("grid", HostTensor.ElementType.F64, List.of(1L, 2L), doubles(1e-300, -2)));
        Path file = folder.resolve("x.safetensors");

        FileDigest written = SafetensorsWriter.write(file, tensors, DurableEffects.counting());

        assertThat(SafetensorsReader.read(file)).hasSameElementsAs(tensors);
        assertThat(written).isEqualTo(FileDigest.of(file)).isEqualTo(SafetensorsWriter.digest(tensors));
        assertThat(written.sizeBytes()).isEqualTo(Files.size(file));
    }

    @Test
    void tensorsBeginAtAMultipleOfEightAndKeepTheirOrder() throws IOException {
        Path file = folder.resolve("x.safetensors");
        SafetensorsWriter.write(
                file, List.of(Tensors.floats("z", 1), Tensors.floats("a", 2)), DurableEffects.counting());
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.getLong(0) % 8).isZero();
        assertThat(SafetensorsReader.read(file)).extracting(HostTensor::name).containsExactly("z", "a");
    }

    @Test
    void aTensorLargerThanAChunkSurvives() throws IOException {
        float[] values = new float[5_000_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        HostTensor large = Tensors.floats("large", values);
        Path file = folder.resolve("x.safetensors");
        SafetensorsWriter.write(file, List.of(Tensors.floats("small", 1), large), DurableEffects.counting());
        assertThat(SafetensorsReader.read(file).get(1)).isEqualTo(large);
    }

    @Test
    void filesOfTheReferenceAreRead() throws IOException {
        Path golden = GoldenFolder.resolve("");
        for (String method : List.of("prior", "sense")) {
            try (Stream<Path> fixtures = Files.list(golden.resolve(method))) {
                List<Path> files = fixtures.filter(path -> path.toString().endsWith(".safetensors"))
                        .toList();
                assertThat(files).isNotEmpty();
                for (Path file : files) {
                    checkAgainstDescription(file);
                }
            }
        }
    }

    /** Shapes come from the JSON beside the fixture. */
    private static void checkAgainstDescription(Path file) throws IOException {
        Map<String, HostTensor> tensors =
                SafetensorsReader.read(file).stream().collect(Collectors.toMap(HostTensor::name, Function.identity()));
        JsonNode described = new ObjectMapper()
                .readTree(Path.of(file.toString().replace(".safetensors", ".json"))
                        .toFile())
                .get("tensors");
        assertThat(described).as(file.toString()).isNotNull().hasSize(tensors.size());
        described.properties().forEach(entry -> {
            assertThat(tensors).as(file.toString()).containsKey(entry.getKey());
            List<Long> shape = new ArrayList<>();
            entry.getValue().get("shape").forEach(size -> shape.add(size.asLong()));
            assertThat(tensors.get(entry.getKey()))
                    .extracting(HostTensor::shape)
                    .isEqualTo(shape);
        });
    }

    @Test
    void anExistingFileIsNotOverwritten() throws IOException {
        Path file = Files.createFile(folder.resolve("x.safetensors"));
        assertThatThrownBy(() -> SafetensorsWriter.write(file, List.of(), DurableEffects.counting()))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void tensorsThatDoNotFitTheirShapeOrShareANameAreRefused() {
        HostTensor wrong = new HostTensor("w", HostTensor.ElementType.F32, List.of(3L), ByteBuffer.allocate(8));
        assertThatThrownBy(() -> SafetensorsWriter.digest(List.of(wrong)))
                .hasMessageContainingAll("tensor w", "[3]", "12 bytes", "has 8");
        assertThatThrownBy(() -> SafetensorsWriter.digest(List.of(Tensors.floats("a", 1), Tensors.floats("a", 2))))
                .hasMessageContaining("'a'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}|tensor a: shape [2] of F32 needs 8 bytes, data_offsets give 4",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|tensor a: begins at byte 4 of the data, expected 0",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|has 8 bytes of data, the header describes 4",
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}|has 8 bytes of data, the header describes 12",
                "{'a':{'dtype':'BF16','shape':[4],'data_offsets':[0,8]}}|tensor a: dtype is \"BF16\", expected one of [F32, F64, I64]",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|tensor a: shape holds -2, expected integers >= 0",
                "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|tensor a: shape is 2, expected a list of integers",
                "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,8]}}|tensor a: shape [4611686018427387904, 4] of F32 needs 9223372036854775807 bytes, data_offsets give 8",
                "{'a':1|is not JSON",
                "[]|the header must be a JSON object",
            })
    void aDamagedHeaderIsDescribed(String header, String message) throws IOException {
        Path file = folder.resolve("x.safetensors");
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(json.length).put(json).array());

        assertThatThrownBy(() -> SafetensorsReader.read(file))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CHECKPOINT_DAMAGED))
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void anImpossibleHeaderLengthIsDescribed() throws IOException {
        Path file = folder.resolve("x.safetensors");
        Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
        assertThatThrownBy(() -> SafetensorsReader.read(file))
                .hasMessageContainingAll(String.valueOf(file), "byte 0", "18446744073709551615", "expected 2", "to 2");
        Files.write(file, new byte[3]);
        assertThatThrownBy(() -> SafetensorsReader.read(file)).hasMessageContaining("has 3 bytes");
    }

    private static ByteBuffer doubles(double... values) {
        ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            data.putDouble(value);
        }
        return data.flip();
    }
}
