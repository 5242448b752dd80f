package perdura.training.weights.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.DataType;
import perdura.training.checkpoint.HostTensor;
import perdura.training.weights.file.WeightFile.Format;

/** The files and their values were written by PyTorch: make_torch_files.py beside them. */
class TestWeightFile {
    @TempDir
    Path folder;

    static Path fixture(String name) {
        try {
            return Path.of(Objects.requireNonNull(TestWeightFile.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "state.pth, TORCH_ZIP",
        "state-protocol3.pth, TORCH_ZIP",
        "state-protocol4.pth, TORCH_ZIP",
        "state-protocol5.pth, TORCH_ZIP",
        "state-legacy.pth, TORCH_LEGACY",
        "state.safetensors, SAFETENSORS"
    })
    void everyTypeAndEveryViewIsReadAsPyTorchReadsIt(String name, Format format) throws IOException {
        JsonNode expected = new ObjectMapper().readTree(fixture("expected.json").toFile());
        try (WeightFile file = WeightFile.open(fixture(name))) {
            assertThat(file.format()).isEqualTo(format);
            assertThat(file.tensors()).hasSize(expected.size());
            for (FileTensor tensor : file.tensors()) {
                JsonNode wanted = expected.get(tensor.name());
                HostTensor read = file.read(tensor, "x");
                assertThat(DataType.findTorch("torch." + wanted.get("type").asText()))
                        .contains(tensor.type());
                assertThat(read.shape()).as(tensor.name()).isEqualTo(longs(wanted.get("shape")));
                assertThat(texts(read)).as(tensor.name()).isEqualTo(expectedTexts(wanted, read.type()));
            }
        }
    }

    @Test
    void aFileOfABigEndianMachineIsReadRight() {
        try (WeightFile file = WeightFile.open(fixture("big-endian.pth"));
                WeightFile little = WeightFile.open(fixture("state.pth"))) {
            for (FileTensor tensor : file.tensors()) {
                assertThat(file.read(tensor, "x")).isEqualTo(little.read(find(little, tensor.name()), "x"));
            }
            assertThat(file.tensors()).hasSize(2);
        }
    }

    @Test
    void aFileThatPython2WroteIsRead() {
        try (WeightFile file = WeightFile.open(fixture("python2.pth"))) {
            assertThat(texts(file.read(find(file, "weight"), "weight"))).containsExactly("1.5", "-2.0");
        }
    }

    @Test
    void aCheckpointOfLightningIsListedByItsKeys() {
        try (WeightFile file = WeightFile.open(fixture("lightning.ckpt"))) {
            assertThat(file.tensors())
                    .extracting(FileTensor::name)
                    .contains(
                            "state_dict.0.weight",
                            "state_dict.1.running_mean",
                            "state_dict.1.num_batches_tracked",
                            "callbacks.ModelCheckpoint{'monitor': 'val'}.best_model_score",
                            "optimizer_states.0.state.0.exp_avg");
        }
    }

    @Test
    void tensorsWithAttributesAndOfTypesWithoutAStorageAreRead() {
        try (WeightFile file = WeightFile.open(fixture("attributes.pth"))) {
            assertThat(texts(file.read(find(file, "parameter"), "x"))).containsExactly("1.0", "1.0");
            assertThat(texts(file.read(find(file, "buffer"), "x"))).containsExactly("0.0", "0.0");
            assertThat(texts(file.read(find(file, "u16"), "x"))).containsExactly("0", "65535");
        }
        try (WeightFile file = WeightFile.open(fixture("tensor.pth"))) {
            assertThat(file.tensors()).extracting(FileTensor::name).containsExactly("tensor");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "module.pth|data.pkl, byte 2: names torch.nn.modules.linear.Linear, which is not allowed",
                "script.pt|a TorchScript program, not a file of weights",
                "plain.pkl|a pickle, but not one of torch.save",
                "expected.json|is neither a file of torch.save nor safetensors"
            })
    void otherFilesAreRefusedByWhatTheyAre(String name, String message) {
        assertRefused(fixture(name), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version https://git-lfs.github.com/spec/v1|it is a pointer of Git LFS",
                "<!DOCTYPE html>|it is a web page",
                "''|is neither a file of torch.save nor safetensors",
            })
    void filesThatPeopleTakeForWeightsAreExplained(String content, String message) throws IOException {
        assertRefused(Files.writeString(folder.resolve("x.pth"), content), message);
    }

    @Test
    void aMissingFileAndAFolderAreNamed() {
        assertThatThrownBy(() -> WeightFile.open(folder.resolve("none.pth")))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContainingAll(String.valueOf(folder.resolve("none.pth")));
        assertThatThrownBy(() -> WeightFile.open(folder)).hasMessageContaining("is a folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "a\\b", "x/../../y", "C:x"})
    void aMemberWhoseNameLeadsElsewhereIsRefused(String name) throws IOException {
        Map<String, byte[]> members = members();
        members.put(name, new byte[1]);
        assertRefused(StoredZip.write(folder.resolve("x.pth"), members, false), "which leads elsewhere");
    }

    @Test
    void aCompressedMemberIsRefusedWithoutBeingInflated() throws IOException {
        Map<String, byte[]> members = members();
        members.put("x/data/bomb", new byte[1 << 20]);
        assertRefused(
                StoredZip.write(folder.resolve("x.pth"), members, true),
                "is compressed, as torch.save never does; load the file in Python and save it again");
    }

    @Test
    void aStorageOfAnotherSizeOrNoneIsRefused() throws IOException {
        Map<String, byte[]> members = members();
        members.put("x/data/0", new byte[7]);
        assertRefused(
                StoredZip.write(folder.resolve("x.pth"), members, false),
                "the storage data/0 has 7 bytes, 2 elements of F32 need 8");
        members.remove("x/data/0");
        assertRefused(StoredZip.write(folder.resolve("y.pth"), members, false), "the storage data/0 is missing");
    }

    @Test
    void aZipWithoutAPickleIsRefused() throws IOException {
        assertRefused(
                StoredZip.write(folder.resolve("x.pth"), Map.of("word/document.xml", new byte[1]), false),
                "a zip with 0 members data.pkl; a file of torch.save has one");
    }

    /** The members of a right file with one tensor of two floats. */
    private static Map<String, byte[]> members() {
        Map<String, byte[]> members = new HashMap<>();
        String storage = "(X\7\0\0\0storagectorch\nFloatStorage\nU\1" + "0U\3cpuK\2tQ";
        String view = "K\0K\2\u0085K\1\u0085\u0089N";
        members.put(
                "x/data.pkl",
                StoredZip.bytes("\u0080\2}U\1wctorch._utils\n_rebuild_tensor_v2\n(" + storage + view + "tRs."));
        members.put("x/data/0", new byte[8]);
        return members;
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> WeightFile.open(file).close())
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS))
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    private static FileTensor find(WeightFile file, String name) {
        return file.tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    private static List<Long> longs(JsonNode list) {
        List<Long> values = new ArrayList<>();
        list.forEach(value -> values.add(value.asLong()));
        return values;
    }

    private static List<String> expectedTexts(JsonNode wanted, HostTensor.ElementType type) {
        List<String> values = new ArrayList<>();
        for (JsonNode value : wanted.get("values")) {
            String text = value.asText().replace("inf", "Infinity").replace("nan", "NaN");
            values.add(type == HostTensor.ElementType.I64 ? text : String.valueOf((float) Double.parseDouble(text)));
        }
        return values;
    }

    private static List<String> texts(HostTensor tensor) {
        List<String> values = new ArrayList<>();
        ByteBuffer data = tensor.data();
        for (int at = 0; at < data.limit(); at += tensor.type().sizeBytes()) {
            values.add(
                    switch (tensor.type()) {
                        case F32 -> String.valueOf(data.getFloat(at));
                        case F64 -> String.valueOf(data.getDouble(at));
                        case I64 -> String.valueOf(data.getLong(at));
                    });
        }
        return values;
    }
}
