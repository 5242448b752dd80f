package perdura.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.nn.EncoderShapes;
import perdura.training.weights.WeightImporter.ImportResult;
import perdura.training.weights.WeightImporter.WeightImport;

/** Files of weights that are well formed, and that no training may begin with. */
@Timeout(60)
class TestHostileWeights {
    private static final Map<String, List<Long>> RESNET = EncoderShapes.resnet(List.of(1, 1, 1, 1), 1, 3);
    private static final Map<String, List<Long>> BERT = EncoderShapes.bert(20, 4, 1, 6, 8);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "conv1.weight, NaN, finite",
        "conv1.weight, Infinity, finite",
        "bn1.weight, -Infinity, finite",
        "layer1.0.bn1.running_var, -0.5, variance"
    })
    void aValueThatCannotBeIsRefusedWithItsTensor(String tensor, float value, String word) throws IOException {
        Path file = WeightFixtures.zeros(folder.resolve("x.safetensors"), RESNET);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        all.putFloat((int) position(bytes, tensor), value);
        Files.write(file, bytes);
        assertRefused(file, tensor, String.valueOf(value), word);
    }

    @Test
    void aDoubleThatBecomesInfiniteIsRefused() throws IOException {
        Path file =
                WeightFixtures.zeros(folder.resolve("x.safetensors"), Map.of("conv1.weight", List.of(1L, 3L, 7L, 7L)));
        Map<String, List<Long>> shapes = new LinkedHashMap<>(RESNET);
        Path whole = WeightFixtures.zeros(folder.resolve("whole.safetensors"), shapes);
        byte[] bytes = Files.readAllBytes(whole);
        int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        String json = new String(bytes, 8, header, StandardCharsets.UTF_8);
        long end = bytes.length - 8L - header;
        String more =
                ",\"bn1.bias\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[" + end + "," + (end + 8) + "]}}";
        String without = json.strip().replaceAll("\"bn1.bias\":", "\"other.bias\":");
        byte[] changed = (without.substring(0, without.length() - 1) + more).getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + changed.length + (int) end + 8).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(changed.length)
                .put(changed)
                .put(bytes, 8 + header, (int) end)
                .putDouble(1e300);
        Files.write(file, out.array());
        assertRefused(file, "bn1.bias", "Infinity", "float64");
    }

    @Test
    void aDamagedMemberOfAZipFileIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(WeightFixtures.path("resnet.pth"));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int storage = text.indexOf("/data/0");
        int at = storage + 200; // within its values: PyTorch puts them at the next multiple of 64
        bytes[at] ^= 1;
        assertRefused(Files.write(folder.resolve("x.pth"), bytes), "data/0", "checksum");
    }

    @Test
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        Path pipe = folder.resolve("pipe.pth");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertRefused(pipe, "named pipe");
        assertRefused(Path.of("/dev/zero"), "device");
    }

    @Test
    void resnetsOfOtherKindsAreNamed() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(RESNET);
        shapes.remove("conv1.weight");
        shapes.put("conv1.0.weight", List.of(1L, 3L, 3L, 3L));
        assertRefused(WeightFixtures.zeros(folder.resolve("d"), shapes), "resnet50d");
        shapes.clear();
        RESNET.forEach((name, shape) -> {
            if (!name.contains("running") && !name.contains("batches")) {
                shapes.put(name, shape);
            }
        });
        assertRefused(WeightFixtures.zeros(folder.resolve("group"), shapes), "GroupNorm");
    }

    @ParameterizedTest
    @CsvSource({"distilbert", "albert", "electra", "roberta"})
    void theFamilyIsToldWhereAConfigurationDoes(String family) throws IOException {
        Path model = Files.createDirectories(folder.resolve(family));
        WeightFixtures.zeros(
                model.resolve("model.safetensors"),
                Map.of("transformer.layer.0.attention.q_lin.weight", List.of(4L, 4L)));
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"" + family + "\"}");
        assertRefused(model, "family '" + family + "'");
    }

    @Test
    void theFamilyIsToldByItsTensors() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(BERT);
        shapes.put("embeddings_project.weight", List.of(4L, 4L));
        assertRefused(WeightFixtures.zeros(folder.resolve("x"), shapes), "ELECTRA");
    }

    @Test
    void aCausalBertIsRefused() throws IOException {
        Path model = Files.createDirectories(folder.resolve("causal"));
        WeightFixtures.zeros(model.resolve("model.safetensors"), BERT);
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"bert\", \"is_decoder\": true}");
        assertRefused(model, "is_decoder");
    }

    @Test
    void otherKindsOfFilesAreNamed() throws IOException {
        assertRefused(
                Files.write(folder.resolve("x.onnx"), new byte[] {8, 8, 0x12, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h', 0}),
                "ONNX");
    }

    @Test
    void shardsAreOneFile() throws IOException {
        Path model = Files.createDirectories(folder.resolve("shards"));
        Map<String, List<Long>> first = new LinkedHashMap<>();
        Map<String, List<Long>> second = new LinkedHashMap<>();
        RESNET.forEach((name, shape) -> (name.startsWith("layer") ? second : first).put(name, shape));
        WeightFixtures.zeros(model.resolve("model-00001-of-00002.safetensors"), first);
        WeightFixtures.zeros(model.resolve("model-00002-of-00002.safetensors"), second);
        StringBuilder map = new StringBuilder();
        first.keySet().forEach(name -> map.append(map.isEmpty() ? "" : ",").append(entry(name, 1)));
        second.keySet().forEach(name -> map.append(',').append(entry(name, 2)));
        Path index = model.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {" + map + "}}");
        Path one = WeightFixtures.zeros(folder.resolve("one.safetensors"), RESNET);
        assertThat(run(model).set().digest()).isEqualTo(run(one).set().digest());

        Files.writeString(index, "{\"weight_map\": {" + entry("conv1.weight", 2) + "," + entry("bn1.bias", 1) + "}}");
        assertRefused(model, "conv1.weight", "model-00002-of-00002.safetensors");
        Files.writeString(index, "{\"weight_map\": {\"conv1.weight\": \"../../secret.safetensors\"}}");
        assertRefused(model, "conv1.weight", "beside it");
        Files.writeString(index, "[".repeat(100_000));
        assertRefused(model, "index.json");
        Files.writeString(index, "{\"weight_map\": {" + map + "}}");
        Files.delete(model.resolve("model-00002-of-00002.safetensors"));
        assertThatThrownBy(() -> run(model)).hasMessageContaining("model-00002-of-00002.safetensors: no such file");
    }

    private static String entry(String name, int shard) {
        return "\"" + name + "\": \"model-0000" + shard + "-of-00002.safetensors\"";
    }

    private static long position(byte[] bytes, String tensor) {
        int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        String json = new String(bytes, 8, header, StandardCharsets.UTF_8);
        int at = json.indexOf("data_offsets", json.indexOf("\"" + tensor + "\""));
        int begin = json.indexOf('[', at) + 1;
        return 8
                + header
                + Long.parseLong(json.substring(begin, json.indexOf(',', begin)).strip());
    }

    private ImportResult run(Path file) {
        return new WeightImporter(new WeightStore(folder.resolve("store")), DurableEffects.counting())
                .run(new WeightImport(file, null, null, null, null));
    }

    private void assertRefused(Path file, String... messages) {
        assertThatThrownBy(() -> run(file))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS))
                .hasMessageContainingAll(messages);
    }
}
