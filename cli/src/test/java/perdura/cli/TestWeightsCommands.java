package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.DurableEffects;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.nn.EncoderShapes;

/** No stack runs: the commands need none. */
class TestWeightsCommands {
    @TempDir
    private Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @BeforeEach
    void useAnEmptyHome() {
        newTerminal();
    }

    private void newTerminal() {
        terminal = new RecordingTerminal(
                Map.of("PERDURA_HOME", folder.resolve("home").toString()));
    }

    @Test
    void weightsComeInAreListedAndGoOut() {
        Path file = resnet(Map.of("fc.weight", List.of(2L, 64L)));
        assertThat(terminal.run("weights", "import", file.toString(), "--name", "mine"))
                .isZero();
        String digest = terminal.out().strip();
        assertThat(digest).matches("[0-9a-f]{64}");
        assertThat(terminal.err())
                .contains("Kind resnet, from resnet.safetensors (safetensors)")
                .contains("image encoder: blocks [1, 1, 1, 1], width 2, 3 channels")
                .contains("skipped: fc.weight: the classifier; the encoder ends before it")
                .contains("In a spec: initialWeights: {image: mine}");
        assertThat(folder.resolve("home/artifacts/weights").resolve(digest).resolve("MANIFEST.json"))
                .exists();

        newTerminal();
        assertThat(terminal.run("weights", "list")).isZero();
        assertThat(terminal.out())
                .contains("mine")
                .contains(digest.substring(0, 12))
                .contains("resnet");

        newTerminal();
        Path out = folder.resolve("out.pth");
        assertThat(terminal.run(
                        "weights", "export", "--weights", "mine", "--format", "torchvision", "--out", out.toString()))
                .isZero();
        assertThat(terminal.out()).contains("import torch").contains("strict=True");

        for (String format : List.of("unet", "fasterrcnn")) {
            newTerminal();
            Path none = folder.resolve("none.pth");
            assertThat(terminal.run(
                            "weights", "export", "--weights", "mine", "--format", format, "--out", none.toString()))
                    .isEqualTo(2);
            assertThat(terminal.err()).contains("--format " + format + " is for runs of the task");
            assertThat(none).doesNotExist();
        }

        newTerminal();
        assertThat(terminal.run("weights", "inspect", out.toString())).isZero();
        assertThat(terminal.out()).contains("layer4.0.conv3.weight").contains("[64, 16, 1, 1]");
    }

    @Test
    void theArtifactFolderOfTheSettingsIsUsed() {
        Path artifacts = folder.resolve("elsewhere");
        Path file = resnet(Map.of());
        assertThat(terminal.run("weights", "import", file.toString(), "--artifacts", artifacts.toString()))
                .isZero();
        assertThat(artifacts.resolve("weights")).isDirectoryContaining(path -> Files.isDirectory(path));
        newTerminal();
        assertThat(terminal.run("weights", "list")).isZero();
        assertThat(terminal.err()).contains("No weights are imported");
    }

    @Test
    void jsonSaysTheSame() throws IOException {
        Path file = resnet(Map.of());
        assertThat(terminal.run("weights", "import", file.toString(), "--name", "mine", "--json"))
                .isZero();
        JsonNode imported = new ObjectMapper().readTree(terminal.out());
        assertThat(imported.path("manifest").path("image").path("width").asInt())
                .isEqualTo(2);
        assertThat(imported.path("names").path(0).asText()).isEqualTo("mine");

        newTerminal();
        assertThat(terminal.run("weights", "list", "--json")).isZero();
        assertThat(new ObjectMapper().readTree(terminal.out()).path(0).path("digest"))
                .isEqualTo(imported.path("digest"));

        newTerminal();
        assertThat(terminal.run("weights", "inspect", file.toString(), "--json"))
                .isZero();
        JsonNode view =
                new ObjectMapper().readTree(terminal.out()).path("files").path(0);
        assertThat(view.path("format").asText()).isEqualTo("safetensors");
        assertThat(view.path("tensors").path(0).path("shape").toString()).isEqualTo("[2,3,7,7]");
        assertThat(view.path("tensorCount").asInt())
                .isEqualTo(view.path("tensors").size());
    }

    @Test
    void aCheckpointsFolderIsInspectedWithItsOptimizer() throws IOException {
        Path checkpoint = Files.createDirectory(folder.resolve("1-0-4-abcdef01"));
        Files.move(resnet(Map.of()), checkpoint.resolve("weights.safetensors"));
        Path moments = resnet(Map.of());
        Files.move(moments, checkpoint.resolve("optimizer.safetensors"));
        assertThat(terminal.run("weights", "inspect", checkpoint.toString())).isZero();
        assertThat(terminal.err()).contains("weights.safetensors").contains("optimizer.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "weights import none.pth|1|none.pth: no such file",
                "weights import x --name Not/A/Name|2|a name of weights is a letter",
                "weights import|2|FILE",
                "weights import x --kind gpt|2|gpt",
                "weights export --format torchvision --out x|2|--run",
                "weights export --run a --weights b --format torchvision --out x|2|mutually exclusive",
                "weights export --weights b --format onnx --out x|2|onnx",
                "weights export --weights b --format torchvision --channels 2 --out x|2|--channels must be 1 or 3, was 2",
                "weights export --weights b --step 4 --format torchvision --out x|2|--step goes with --run",
                "weights export --weights b --format torchvision --out x|1|no weights 'b'",
                "weights export --run tiny-abcdef --format torchvision --out x|1|no setting says where Postgres is",
            })
    void wrongUseIsExplained(String words, int status, String message) {
        assertThat(terminal.run(words.split(" ", -1))).isEqualTo(status);
        assertThat(terminal.err()).contains(message).doesNotContain("\tat ");
    }

    /** A line break in the name of a file would begin a line that looks like one of ours. */
    @Test
    void aPathWithControlCharactersIsRefusedOnOneLine() {
        String path = folder.resolve("a\nSafe to import: ") + "\u001b[2K";
        assertThat(terminal.run("weights", "inspect", path)).isEqualTo(2);
        assertThat(terminal.err()).contains("a\\u000aSafe to import: \\u001b[2K' has control characters");
        assertThat(terminal.err().lines()).noneMatch(line -> line.startsWith("Safe"));
    }

    @Test
    void aPretrainingWithUnknownOrUnfitWeightsDoesNotStart() throws IOException {
        Path data = folder.resolve("data");
        assertThat(terminal.run("data", "synth", "--out", data.toString(), "--studies", "120"))
                .isZero();
        terminal.run("weights", "import", resnet(Map.of()).toString(), "--name", "mine");
        Path spec = Files.writeString(folder.resolve("spec.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: tiny
                method: prior
                profile: tiny
                data: {root: data}
                initialWeights: {image: mone}
                """);
        newTerminal();
        assertThat(terminal.run("pretrain", "-f", spec.toString())).isEqualTo(2);
        assertThat(terminal.err())
                .contains("spec.yaml:7:25: initialWeights.image: there are no weights 'mone'; did you mean 'mine'?");

        newTerminal();
        assertThat(terminal.run("pretrain", "-f", spec.toString(), "--set", "initialWeights.image=mine"))
                .isEqualTo(2);
        assertThat(terminal.err())
                .contains("initialWeights.image: the weights (resnet.safetensors) have 2 where model.resnetWidth is 8");
    }

    /** A file of a ResNet of width 2 whose every weight is 0, with some tensors more. */
    private Path resnet(Map<String, List<Long>> more) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(EncoderShapes.resnet(List.of(1, 1, 1, 1), 2, 3));
        shapes.putAll(more);
        List<HostTensor> tensors = new ArrayList<>();
        shapes.forEach((name, shape) -> {
            ElementType type = name.endsWith("num_batches_tracked") ? ElementType.I64 : ElementType.F32;
            int bytes = shape.stream().mapToInt(Long::intValue).reduce(type.sizeBytes(), Math::multiplyExact);
            tensors.add(
                    new HostTensor(name, type, shape, ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN)));
        });
        Path file = folder.resolve("resnet.safetensors");
        try {
            Files.deleteIfExists(file);
            SafetensorsWriter.write(file, tensors, DurableEffects.counting());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }
}
