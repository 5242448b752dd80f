package perdura.training.weights.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/** Headers and pickles of a few megabytes that ask for gigabytes. */
@Timeout(60)
class TestHostileFiles {
    private static final String PROTOCOL_2 = "\u0080\2";
    private static final int MILLION = 1_000_000;
    private static final String TENSOR = "ctorch._utils\n_rebuild_tensor_v2\n";

    @TempDir
    private Path folder;

    /** A text of a pickle. */
    private static String text(String text) {
        int length = text.length();
        return "X" + (char) (length & 0xFF) + (char) (length >> 8 & 0xFF) + (char) (length >> 16 & 0xFF)
                + (char) (length >>> 24) + text;
    }

    private static String storage() {
        return "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "0X\3\0\0\0cpuK\1tQ";
    }

    static Stream<String> pickles() {
        String key = text("k".repeat(MILLION));
        String shortKey = text("k".repeat(990));
        String tuples = "(" + shortKey + "q\0" + "h\0".repeat(7) + "tq\2";
        String one = "ctorch._utils\n_rebuild_tensor_v2\n(h\1K\0K\1\u0085K\1\u0085\u0089NtR";
        StringBuilder longPrefix = new StringBuilder("}" + shortKey + "}(");
        for (int i = 0; i < 30_000; i++) {
            longPrefix.append(text("n" + i)).append(one);
        }
        longPrefix.append("us.");
        StringBuilder nested = new StringBuilder();
        IntStream.range(0, 90).forEach(i -> nested.append("}" + text("x".repeat(900))));
        nested.append(one).append("s".repeat(90)).append('.');
        StringBuilder keys = new StringBuilder("}(" + tuples + "N");
        keys.append("h\2N".repeat(MILLION)).append("u.");
        return Stream.of(
                "}" + key + "Ns.",
                "}" + tuples + "Ns.",
                keys.toString(),
                storage() + "q\1" + "0" + longPrefix,
                storage() + "q\1" + "0" + nested,
                "(" + "N".repeat(3 * MILLION) + "t.",
                "](" + "K\1".repeat(2 * MILLION) + "e.",
                "}(" + "K\1K\1".repeat(2 * MILLION) + "u.");
    }

    @ParameterizedTest
    @MethodSource("pickles")
    void aPickleEndsAtALimitWithItsPlace(String pickle) throws IOException {
        Path file = StoredZip.write(
                folder.resolve("x.pth"),
                Map.of("x/data.pkl", StoredZip.bytes(PROTOCOL_2 + pickle), "x/data/0", new byte[4]),
                false);
        assertRefused(file);
    }

    @Test
    void aViewWhoseSignIsStillToBeTurnedIsRefused() throws IOException {
        for (String mark : new String[] {"neg", "conj"}) {
            String pickle = storage() + "q\1" + "0}" + text("w") + TENSOR + "(h\1K\0K\1\u0085K\1\u0085\u0089N}"
                    + text(mark) + "\u0088stRs.";
            Path file = StoredZip.write(
                    folder.resolve("x.pth"),
                    Map.of("x/data.pkl", StoredZip.bytes(PROTOCOL_2 + pickle), "x/data/0", new byte[4]),
                    false);
            assertThatThrownBy(() -> WeightFile.open(file).close()).hasMessageContaining("resolve_" + mark);
            StoredZip.write(
                    file,
                    Map.of(
                            "x/data.pkl",
                            StoredZip.bytes(PROTOCOL_2 + pickle.replace("\u0088", "\u0089")),
                            "x/data/0",
                            new byte[4]),
                    false);
            try (WeightFile opened = WeightFile.open(file)) {
                assertThat(opened.tensors()).hasSize(1);
            }
        }
    }

    static Stream<String> headers() {
        StringBuilder names = new StringBuilder("{");
        for (int i = 0; i < 400_000; i++) {
            names.append("\"n").append(i).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        }
        names.setLength(16_000_000);
        return Stream.of(
                "{\"a\":" + "[".repeat(2_000),
                "{\"a\":" + "{\"a\":".repeat(2_000),
                "{\"__metadata__\":" + "[".repeat(100_000),
                "{\"a\":{\"dtype\":\"F32\",\"shape\":" + "[".repeat(5_000),
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + "0,".repeat(5 * MILLION) + "0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + "9".repeat(5_000) + "]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,0]}}",
                "{\"a\":{\"dtype\":null,\"shape\":null,\"data_offsets\":null}}",
                "{\"a\":{\"dtype\":{},\"shape\":{},\"data_offsets\":{}}}",
                "{\"a\":null}",
                "{\"a\":{}}",
                "{\"" + "k".repeat(MILLION) + "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                "{\"\\u001b[2J\\nforged\":{\"dtype\":\"F99\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                "{\"a\":{\"dtype\":\"" + "F".repeat(3 * MILLION) + "\"}}",
                names.toString());
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aHeaderIsRefusedWithAMessageForPeople(String json) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        assertRefused(Files.write(
                folder.resolve("x.safetensors"),
                out.putLong(header.length).put(header).array()));
    }

    @Test
    void aProgramOfTorchExportIsNamed() throws IOException {
        Path file =
                StoredZip.write(folder.resolve("x.pt2"), Map.of("x/archive_format", new byte[] {'p', 't', '2'}), false);
        assertThatThrownBy(() -> WeightFile.open(file).close()).hasMessageContaining(".pt2");
    }

    @Test
    void aDirectoryOfManyMembersIsRefused() throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        for (int i = 0; i < ReadLimit.WEIGHT_TENSORS.standard() + 200; i++) {
            members.put("x/data/" + i, new byte[0]);
        }
        assertRefused(StoredZip.write(folder.resolve("x.pth"), members, false));
    }

    private static void assertRefused(Path file) {
        assertThatThrownBy(() -> WeightFile.open(file).close()).isInstanceOfSatisfying(PerduraException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS);
            assertThat(e.getMessage())
                    .startsWith(file.toString())
                    .doesNotContain("\n", "\u001b")
                    .hasSizeLessThan(5_000);
        });
    }
}
