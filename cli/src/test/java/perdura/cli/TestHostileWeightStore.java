package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.file.FileTree;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.testkit.FileDamage;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.nn.EncoderShapes;

/** Imported weights, reports and files to import that somebody has edited: every command ends, with a line that names the file. */
@Timeout(300)
class TestHostileWeightStore {
    @TempDir
    private Path folder;

    private Path file = Path.of("");

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @BeforeEach
    void importWeights() throws IOException {
        List<HostTensor> tensors = new ArrayList<>();
        EncoderShapes.resnet(List.of(1, 1, 1, 1), 2, 3).forEach((name, shape) -> {
            ElementType type = name.endsWith("num_batches_tracked") ? ElementType.I64 : ElementType.F32;
            int bytes = shape.stream().mapToInt(Long::intValue).reduce(type.sizeBytes(), Math::multiplyExact);
            tensors.add(
                    new HostTensor(name, type, shape, ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN)));
        });
        file = folder.resolve("resnet.safetensors");
        SafetensorsWriter.write(file, tensors, DurableEffects.counting());
        assertThat(run("weights", "import", file.toString(), "--name", "mine")).isZero();
    }

    private int run(String... words) {
        terminal = new RecordingTerminal(
                Map.of("PERDURA_HOME", folder.resolve("home").toString()));
        return terminal.run(words);
    }

    private void assertRefused(FileDamage damage, Path named, String... words) {
        assertThat(run(words)).as(damage + " of " + named).isEqualTo(1);
        assertThat(terminal.err())
                .as(damage + " of " + named)
                .contains(named.toString())
                .hasSizeLessThan(3_000)
                .doesNotContain("\tat ", "Exception", "\u001b", "\u0000", "perdura.training");
    }

    private Path stored(String name) {
        Path weights = folder.resolve("home/artifacts/weights");
        try {
            return name.equals("mine")
                    ? weights.resolve("names/mine")
                    : weights.resolve(Files.readString(weights.resolve("names/mine"))
                                    .strip())
                            .resolve(name);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MANIFEST.json", "weights.safetensors"})
    void damageOfImportedWeightsIsTold(String name) throws Exception {
        Path damaged = stored(name);
        byte[] sound = Files.readAllBytes(damaged);
        String out = folder.resolve("out.pth").toString();
        for (FileDamage damage : FileDamage.values()) {
            if (name.equals("MANIFEST.json") && damage == FileDamage.FLIPPED) {
                continue; // may be in the name of a tensor
            }
            damage.apply(damaged);
            assertRefused(
                    damage, damaged, "weights", "export", "--weights", "mine", "--format", "torchvision", "--out", out);
            assertThat(Path.of(out)).doesNotExist();
            FileTree.delete(damaged);
            Files.write(damaged, sound);
        }
        assertThat(run("weights", "export", "--weights", "mine", "--format", "torchvision", "--out", out))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"SPARSE", "PIPE", "FOLDER", "LINK_LOOP", "DEVICE", "LONG_LINE"})
    void aNameThatIsNoFileOfOursIsTold(FileDamage damage) throws Exception {
        Path name = stored("mine");
        damage.apply(name);
        assertRefused(damage, name, "weights", "list");
    }

    @ParameterizedTest
    @EnumSource(names = {"MISSING", "EMPTY", "TRUNCATED", "TEXT", "ZEROS", "DEEP_JSON"})
    void aNameThatHoldsSomethingElseNamesNothing(FileDamage damage) throws Exception {
        damage.apply(stored("mine"));
        assertThat(run("weights", "list")).isZero();
        assertThat(terminal.out()).contains("resnet").doesNotContain("mine");
    }

    @Test
    void damageOfAFileToImportIsTold() throws Exception {
        byte[] sound = Files.readAllBytes(file);
        for (FileDamage damage : FileDamage.values()) {
            if (damage == FileDamage.FLIPPED || damage == FileDamage.FOLDER) {
                continue; // other values are weights, too; a folder may hold weights
            }
            damage.apply(file);
            assertRefused(damage, file, "weights", "import", file.toString());
            FileTree.delete(file);
            Files.write(file, sound);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EMPTY", "ZEROS", "PIPE", "LINK_LOOP", "DEVICE", "SPARSE", "DEEP_JSON", "FOLDER"})
    void aFolderOfDamagedWeightsIsTold(FileDamage damage) throws Exception {
        for (String name : List.of("model.safetensors", "pytorch_model.bin", "config.json")) {
            Path model = Files.createDirectories(folder.resolve("model-" + name));
            Path inside = model.resolve(name);
            Files.copy(file, inside);
            if (name.equals("config.json")) {
                Files.copy(file, model.resolve("model.safetensors"));
            }
            damage.apply(inside);
            int status = run("weights", "import", model.toString());
            assertThat(terminal.err())
                    .as(damage + " of " + inside)
                    .contains(name.equals("config.json") && status == 0 ? "Kind resnet" : model.toString())
                    .hasSizeLessThan(3_000)
                    .doesNotContain("\tat ", "Exception", "\u001b", "\u0000");
            assertThat(status).isEqualTo(name.equals("config.json") ? status : 1);
        }
    }

    @Test
    void damageOfADataSetsReportIsTold() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        DataCommands.ReportFiles report = new DataCommands.ReportFiles(data);
        for (FileDamage damage : FileDamage.values()) {
            Path json = Files.writeString(data.resolve("report.json"), "{\"samples\": 2}");
            assertThat(report.json().path("samples").asInt()).isEqualTo(2);
            damage.apply(json);
            if (damage != FileDamage.NO_FIELDS && damage != FileDamage.FLIPPED) {
                assertThat(catchThrowableOfType(PerduraException.class, report::json))
                        .as(damage.name())
                        .hasMessageStartingWith(json + ": ")
                        .hasMessageNotContainingAny("Exception", "\n", "\u001b");
            }
            FileTree.delete(json);
        }
    }
}
