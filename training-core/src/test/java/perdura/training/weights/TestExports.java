package perdura.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.weights.WeightImporter.WeightImport;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** That Python's own classes take the exports is ITWeightsInPython's business. */
class TestExports {
    private final DurableEffects effects = DurableEffects.counting();

    @TempDir
    Path folder;

    @Test
    void aTorchFileHoldsTheSameTensors() {
        WeightSet set = imported("resnet.pth");
        Path out = folder.resolve("out/x.pth");
        List<String> python = TorchvisionExport.write(ExportSource.of(set), out, 3, effects);

        assertThat(read(out)).isEqualTo(new TreeMap<>(WeightFixtures.read(set.weights())));
        assertThat(python)
                .contains("        return super()._make_layer(block, planes * 2 // 64, *args, **kwargs)")
                .contains("model = Narrow(Bottleneck, [1, 2, 1, 1])")
                .endsWith("model.load_state_dict(torch.load(\"" + out + "\", weights_only=True), strict=True)");
    }

    @Test
    void theChannelsCanBeChosen() {
        Path grey = folder.resolve("grey.pth");
        assertThat(TorchvisionExport.write(ExportSource.of(imported("resnet.pth")), grey, 1, effects))
                .contains("model.conv1 = torch.nn.Conv2d(1, 2, 7, 2, 3, bias=False)");
        assertThat(read(grey).get("conv1.weight")).extracting(HostTensor::shape).isEqualTo(List.of(2L, 1L, 7L, 7L));
        Path colour = folder.resolve("colour.pth");
        TorchvisionExport.write(ExportSource.of(imported("prior.ckpt")), colour, 3, effects);
        assertThat(read(colour).get("conv1.weight"))
                .extracting(HostTensor::shape)
                .isEqualTo(List.of(1L, 3L, 7L, 7L));
    }

    @Test
    void aFolderOfHuggingFaceHasEverything() throws IOException {
        WeightSet set = imported("bert");
        Path out = folder.resolve("hf");
        List<String> python = TransformersExport.write(ExportSource.of(set), out, effects);

        assertThat(python)
                .containsExactly(
                        "from transformers import BertModel, BertTokenizer",
                        "model = BertModel.from_pretrained(\"" + out + "\")",
                        "tokenizer = BertTokenizer.from_pretrained(\"" + out + "\")");
        assertThat(WeightFixtures.read(out.resolve("model.safetensors"))).isEqualTo(WeightFixtures.read(set.weights()));
        JsonNode config = new ObjectMapper().readTree(out.resolve("config.json").toFile());
        JsonNode original = new ObjectMapper()
                .readTree(WeightFixtures.path("bert/config.json").toFile());
        config.properties().forEach(entry -> {
            if (original.has(entry.getKey())) {
                assertThat(entry.getValue()).as(entry.getKey()).isEqualTo(original.get(entry.getKey()));
            }
        });
        assertThat(Files.readString(out.resolve("vocab.txt")))
                .isEqualTo(Files.readString(WeightFixtures.path("bert/vocab.txt")));
    }

    @Test
    void withoutAPoolerPythonIsToldSo() {
        assertThat(TransformersExport.write(ExportSource.of(imported("bert-half.pt")), folder.resolve("hf"), effects))
                .containsExactly(
                        "from transformers import BertModel",
                        "model = BertModel.from_pretrained(\"" + folder.resolve("hf") + "\", add_pooling_layer=False)");
    }

    @Test
    void allTensorsGoIntoOneFile() {
        WeightSet set = imported("prior.ckpt");
        Path out = folder.resolve("all.safetensors");
        SafetensorsExport.write(ExportSource.of(set), out, effects);
        assertThat(WeightFixtures.read(out)).isEqualTo(WeightFixtures.read(set.weights()));
    }

    @Test
    void anEncoderThatIsNotThereAndATakenPlaceAreRefused() throws IOException {
        ExportSource resnet = ExportSource.of(imported("resnet.pth"));
        ExportSource bert = ExportSource.of(imported("bert"));
        assertThatThrownBy(() -> TransformersExport.write(resnet, folder.resolve("x"), effects))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("no text encoder");
        assertThatThrownBy(() -> TorchvisionExport.write(bert, folder.resolve("x"), 3, effects))
                .hasMessageContaining("no image encoder");
        Path taken = Files.writeString(folder.resolve("taken"), "mine");
        assertThatThrownBy(() -> TorchvisionExport.write(resnet, taken, 3, effects))
                .hasMessageContainingAll(String.valueOf(taken));
        assertThat(taken).hasContent("mine");
    }

    @Test
    void aPlaceThatCannotBeWrittenLeavesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        ExportSource resnet = ExportSource.of(imported("resnet.pth"));
        assertThatThrownBy(() -> TorchvisionExport.write(resnet, file.resolve("x.pth"), 3, effects))
                .isInstanceOfSatisfying(
                        PerduraException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARTIFACT_STORE_UNAVAILABLE));
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries.map(path -> String.valueOf(path.getFileName()))).noneMatch(name -> name.startsWith("."));
        }
    }

    private WeightSet imported(String fixture) {
        return new WeightImporter(new WeightStore(folder.resolve("artifacts")), effects)
                .run(new WeightImport(WeightFixtures.path(fixture), null, null, null, null))
                .set();
    }

    private static Map<String, HostTensor> read(Path path) {
        Map<String, HostTensor> tensors = new TreeMap<>();
        try (WeightFile file = WeightFile.open(path)) {
            for (FileTensor tensor : file.tensors()) {
                tensors.put(tensor.name(), file.read(tensor, tensor.name()));
            }
        }
        return tensors;
    }
}
