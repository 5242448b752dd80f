package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.ingest.TestingMimic;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** An ingested data set whose files somebody has changed: each fault is one line that names the file, before anything is read from it. */
@Timeout(60)
class TestDamagedDataSet {
    @TempDir
    private Path folder;

    private Path set = Path.of("");

    @BeforeEach
    void ingest() throws IOException {
        Path artifacts = folder.resolve("artifacts");
        TestingMimic mimic = new TestingMimic(folder.resolve("set"))
                .study("10000001", "50000001", "AP", "train")
                .study("10000002", "50000002", "PA", "test");
        set = DataSet.folder(
                artifacts,
                TestingMimic.ingest(mimic.written(), artifacts).header().digest());
    }

    private void assertRefused(Path file) {
        assertThatThrownBy(() -> DataSet.open(set)).isInstanceOfSatisfying(PerduraException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA);
            assertThat(e.getMessage())
                    .startsWith(file + ": ")
                    .hasSizeLessThan(3_000)
                    .doesNotContain("\n", "\u001b", "[Source");
        });
    }

    private static String type(byte[] npy) {
        return new String(npy, 0, 128, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample_ids",
                "patient_ids",
                "splits",
                "image_offsets",
                "labels",
                "images",
                "sentence_offsets",
                "sentence_tokens",
                "report_offsets",
                "report_sentences"
            })
    void anArrayIsWhatTheHeaderSays(String name) throws Exception {
        Path file = set.resolve(name + ".npy");
        byte[] sound = Files.readAllBytes(file);
        assertThat(DataSet.open(set).size()).isEqualTo(2);
        String header = type(sound);
        String descr = header.substring(header.indexOf("'descr'"), header.indexOf(", 'fortran"));
        String shape = header.substring(header.indexOf("(") + 1, header.indexOf(")"));
        for (byte[] damaged : List.of(
                new byte[0],
                new byte[] {0},
                Arrays.copyOf(sound, sound.length - 1),
                replaced(sound, descr, "'descr': '<q9'"),
                replaced(sound, "(" + shape + ")", "()"),
                replaced(sound, "(" + shape + ")", "(0,)"),
                replaced(sound, "(" + shape + ")", "(99999999999999999999999,)"),
                replaced(sound, "(" + shape + ")", "(9999999999999,99999999999,)"))) {
            Files.write(file, damaged);
            assertRefused(file);
        }
        Files.delete(file);
        assertRefused(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        assertRefused(file);
    }

    /** The header keeps its length: what is shorter is filled up with blanks. */
    private static byte[] replaced(byte[] npy, String from, String to) {
        String header = type(npy);
        String changed = header.replace(from, to).strip();
        assertThat(changed).isNotEqualTo(header.strip());
        byte[] bytes = npy.clone();
        byte[] text = (changed + " ".repeat(Math.max(0, 127 - changed.length())) + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(text, 0, bytes, 0, Math.min(128, text.length));
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"image_offsets", "report_offsets", "sentence_offsets"})
    void offsetsStayInsideAndNeverFall(String name) throws IOException {
        Path file = set.resolve(name + ".npy");
        byte[] sound = Files.readAllBytes(file);
        for (long value : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1_000_000}) {
            byte[] bytes = sound.clone();
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(128 + Long.BYTES, value);
            Files.write(file, bytes);
            assertRefused(file);
        }
    }

    static Stream<String> headers() {
        return Stream.of(
                "",
                "null",
                "[]",
                "{}",
                "1",
                "{\"format\": 1}",
                "{\"format\": 1, \"labels\": [null]}",
                "{\"a\": " + "[".repeat(100_000),
                "{\"format\": 99999999999999999999}",
                "{\"set\": \"\\u001b[31m\\n\"}",
                "{\"digest\": \"" + "x".repeat(30_000_000) + "\"}",
                "{\"samples\": \"x\"}",
                "\u0000");
    }

    @ParameterizedTest
    @MethodSource("headers")
    void theHeaderIsRefusedInOneLine(String text) throws IOException {
        Path file = set.resolve(DataSetHeader.FILE);
        Files.writeString(file, text);
        assertRefused(file);
    }

    @Test
    void otherCountsThanTheArraysHaveAreRefused() throws IOException {
        Path file = set.resolve(DataSetHeader.FILE);
        String header = Files.readString(file);
        for (String count : List.of("samples", "images")) {
            String changed = header.replaceFirst("\"" + count + "\" : \\d+", "\"" + count + "\" : 9");
            assertThat(changed).isNotEqualTo(header);
            Files.writeString(file, changed);
            assertThatThrownBy(() -> DataSet.open(set))
                    .isInstanceOfSatisfying(
                            PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DATA))
                    .hasMessageContaining(set.toString());
        }
    }
}
