package perdura.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.nn.EncoderShapes;
import perdura.training.weights.WeightImporter.ImportResult;
import perdura.training.weights.WeightImporter.WeightImport;
import perdura.training.weights.WeightManifest.LeftOut;

class TestWeightImporter {
    private static final ResnetSizes RESNET = new ResnetSizes(List.of(1, 2, 1, 1), 2, 3);

    @TempDir
    Path folder;

    private WeightStore store = new WeightStore(Path.of(""));

    @BeforeEach
    void useAnEmptyStore() {
        store = new WeightStore(folder.resolve("artifacts"));
    }

    @Test
    void aResnetIsTheSameFromEveryFile() {
        ImportResult plain = run(WeightFixtures.path("resnet.pth"));
        ImportResult parallel = run(WeightFixtures.path("resnet-parallel.pth"));
        ImportResult again = run(plain.set().folder());

        assertThat(plain.isNew()).isTrue();
        assertThat(parallel.isNew()).isFalse();
        assertThat(List.of(parallel.set().digest(), again.set().digest()))
                .containsOnly(plain.set().digest());
        assertThat(plain.found().kind()).isEqualTo(WeightKind.RESNET);
        assertThat(plain.found().image()).isEqualTo(RESNET);
        assertThat(plain.found().skipped())
                .extracting(LeftOut::name, LeftOut::reason)
                .containsExactly(
                        tuple("fc.weight", "the classifier; the encoder ends before it"),
                        tuple("fc.bias", "the classifier; the encoder ends before it"));
        assertThat(parallel.found().skipped()).extracting(LeftOut::name).contains("state_dict.module.fc.weight");
        Map<String, HostTensor> written = WeightFixtures.read(plain.set().weights());
        assertThat(written.keySet())
                .containsExactlyElementsOf(new TreeMap<>(EncoderShapes.resnet(List.of(1, 2, 1, 1), 2, 3)).keySet());
        assertThat(WeightFixtures.values(written, "bn1.num_batches_tracked")).containsExactly(7);
    }

    @Test
    void aBertOf2019IsTheSameAsOneOfToday() throws IOException {
        ImportResult old = run(WeightFixtures.path("bert"));
        ImportResult today = run(WeightFixtures.path("bert.safetensors"));

        assertThat(old.found().text()).isEqualTo(new BertSizes(110, 8, 2, 2, 12, 10, true));
        assertThat(today.set().digest()).isEqualTo(old.set().digest());
        assertThat(today.found().text()).isEqualTo(new BertSizes(110, 8, 2, null, 12, 10, true));
        assertThat(today.set().manifest().text())
                .as("what the config.json said stays known")
                .isEqualTo(old.found().text());
        assertThat(old.found().skipped())
                .extracting(LeftOut::name)
                .containsExactly("bert.embeddings.position_ids", "cls.predictions.bias");
        assertThat(Files.readString(old.set().folder().resolve("vocab.txt")))
                .isEqualTo(Files.readString(WeightFixtures.path("bert/vocab.txt")));
    }

    @Test
    void whatALaterImportKnowsBesidesIsLearned() {
        ImportResult bare = run(WeightFixtures.path("bert.safetensors"));
        assertThat(bare.set().manifest().files()).containsOnlyKeys("weights.safetensors");

        ImportResult complete = run(WeightFixtures.path("bert"));

        assertThat(complete.isNew()).isFalse();
        assertThat(complete.set().manifest().text()).isEqualTo(new BertSizes(110, 8, 2, 2, 12, 10, true));
        assertThat(complete.set().manifest().files()).containsOnlyKeys("weights.safetensors", "vocab.txt");
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void halfPrecisionWidensAndAMissingPoolerIsTold() {
        ImportResult half = run(WeightFixtures.path("bert-half.pt"));
        assertThat(half.found().initial())
                .extracting(LeftOut::name)
                .containsExactly("pooler.dense.weight", "pooler.dense.bias");
        Map<String, HostTensor> exact = WeightFixtures.read(WeightFixtures.path("bert.safetensors"));
        Map<String, HostTensor> widened = WeightFixtures.read(half.set().weights());
        double[] wanted = WeightFixtures.values(exact, "embeddings.word_embeddings.weight");
        double[] actual = WeightFixtures.values(widened, "embeddings.word_embeddings.weight");
        for (int i = 0; i < wanted.length; i++) {
            assertThat(actual[i]).isCloseTo(wanted[i], within(Math.abs(wanted[i]) * 0x1p-11 + 1e-7));
        }
    }

    @Test
    void ofPriorsReleasedFileTheInterchangeablePartsAreTaken() throws IOException {
        ImportResult result = run(WeightFixtures.path("prior.ckpt"));

        assertThat(result.found().kind()).isEqualTo(WeightKind.PRIOR);
        assertThat(result.found().image()).isEqualTo(new ResnetSizes(List.of(1, 1, 1, 1), 1, 1));
        assertThat(result.found().text()).isEqualTo(new BertSizes(110, 8, 1, null, 12, 10, true));
        assertThat(result.found().initial()).isEmpty();
        Map<String, String> ours = new LinkedHashMap<>();
        ours.put("image.backbone.layer4.0.conv3.weight", "image_encoder.encoder.layer4.0.conv3.weight");
        ours.put("image.attention_pool.positional_embedding", "image_encoder.atten_pool.positional_embedding");
        ours.put("image.attention_pool.out_proj.bias", "image_encoder.atten_pool.c_proj.bias");
        ours.put(
                "text.bert.encoder.layer.0.output.dense.weight",
                "text_encoder.encoder.encoder.layer.0.output.dense.weight");
        ours.put("text.token_pool.q_proj.weight", "item_gather.attention_pool.query.weight");
        ours.put("text.token_pool.k_proj.bias", "item_gather.attention_pool.key.bias");
        ours.put("text.sentence_pool.out_proj.weight", "global_text_attention.c_proj.weight");
        ours.put("projection.image_global.weight", "global_image_projection.weight");
        ours.put("projection.text_local.bias", "local_text_projection.bias");
        ours.put("global_log_scale", "logit_scale");
        ours.put("spb.prototypes", "sentence_bank.embed.weight");
        Map<String, HostTensor> written = WeightFixtures.read(result.set().weights());
        JsonNode released =
                new ObjectMapper().readTree(WeightFixtures.path("prior.json").toFile());
        ours.forEach((name, theirs) -> {
            double[] values = WeightFixtures.values(written, name);
            for (int i = 0; i < released.get(theirs).size(); i++) {
                assertThat(values[i])
                        .as(name)
                        .isEqualTo(released.get(theirs).get(i).asDouble());
            }
        });
        assertThat(result.found().skipped())
                .filteredOn(left -> left.reason().contains("(B1): not interchangeable"))
                .extracting(LeftOut::name)
                .contains(
                        "state_dict.local_cross_attention.query1.weight",
                        "state_dict.local_image_projection.weight",
                        "state_dict.predictor.0.weight",
                        "state_dict.local_logit_scale",
                        "state_dict.prototype_queries",
                        "state_dict.sentence_decoder.encoder.layer.0.output.dense.weight",
                        "state_dict.image_decoder.output_head.0.weight")
                .doesNotContain("state_dict.logit_scale");
        assertThat(result.found().skipped())
                .filteredOn(left -> left.name().contains("global_text_projection"))
                .extracting(LeftOut::reason)
                .containsOnly("built but never used by the released code");
    }

    @Test
    void ofPriorsFilesOneEncoderCanBeTakenAlone() {
        ImportResult vision = run(WeightFixtures.path("prior-vision.pt"));
        ImportResult image =
                run(new WeightImport(WeightFixtures.path("prior.ckpt"), WeightKind.RESNET, null, null, null));
        ImportResult text = run(new WeightImport(WeightFixtures.path("prior.ckpt"), WeightKind.BERT, null, null, null));
        ImportResult decoder = run(new WeightImport(
                WeightFixtures.path("prior.ckpt"), WeightKind.BERT, "state_dict.sentence_decoder.", null, null));

        assertThat(vision.found().kind()).isEqualTo(WeightKind.RESNET);
        assertThat(image.set().digest()).isEqualTo(vision.set().digest());
        assertThat(text.found().text()).isEqualTo(new BertSizes(110, 8, 1, null, 12, 10, true));
        assertThat(decoder.set().digest()).isNotEqualTo(text.set().digest());
    }

    @Test
    void aCheckpointOfOursIsKnownByItsNames() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String side : List.of("", "momentum.")) {
            EncoderShapes.resnet(List.of(1, 1, 1, 1), 1, 3)
                    .forEach((name, shape) -> shapes.put(side + "image.backbone." + name, shape));
            EncoderShapes.bert(20, 4, 1, 6, 8).forEach((name, shape) -> shapes.put(side + "text.bert." + name, shape));
        }
        shapes.put("image.crossHead.0.weight", List.of(2L, 2L));
        ImportResult result = run(WeightFixtures.zeros(folder.resolve("weights.safetensors"), shapes));
        assertThat(result.found().kind()).isEqualTo(WeightKind.PRIOR);
        assertThat(result.found().loaded())
                .contains("image.backbone.conv1.weight", "text.bert.pooler.dense.bias")
                .noneMatch(name -> name.startsWith("momentum."));
        assertThat(result.found().initial())
                .contains(new LeftOut("image.attention_pool.positional_embedding", "the file has no such part"));
        assertThat(result.found().skipped()).contains(new LeftOut("image.crossHead.0.weight", "not part of the model"));
    }

    @Test
    void countsThatOldFilesLackBeginAtZero() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(EncoderShapes.resnet(List.of(1, 1, 1, 1), 1, 3));
        shapes.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
        ImportResult result = run(WeightFixtures.zeros(folder.resolve("old.safetensors"), shapes));
        assertThat(result.found().initial())
                .hasSize(17)
                .contains(new LeftOut("bn1.num_batches_tracked", "older files lack the count; it begins at 0"));
        assertThat(WeightFixtures.read(result.set().weights())).containsKey("bn1.num_batches_tracked");
    }

    @Test
    void everythingThatIsWrongWithAModelIsToldAtOnce() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(EncoderShapes.resnet(List.of(1, 1, 1, 1), 1, 3));
        shapes.remove("layer2.0.bn1.bias");
        shapes.put("layer3.0.bn2.weight", List.of(5L));
        shapes.put("layer1.0.se.fc1.weight", List.of(1L));
        Path file = WeightFixtures.zeros(folder.resolve("x.safetensors"), shapes);
        assertRefused(
                file,
                file + ": tensor layer2.0.bn1.bias [2] is missing",
                "tensor layer3.0.bn2.weight has shape [5], expected [4]",
                "tensor layer1.0.se.fc1.weight belongs to a part that torchvision's ResNet does not have");
    }

    @Test
    void othersResnetsAreRefusedByName() {
        assertRefused(WeightFixtures.path("resnet-basic.pth"), "a ResNet of basic blocks (resnet18 or resnet34)");
        Map<String, List<Long>> shapes = new LinkedHashMap<>(EncoderShapes.resnet(List.of(1, 1, 1, 1), 2, 3));
        shapes.put("layer1.0.conv2.weight", List.of(2L, 1L, 3L, 3L));
        assertRefused(
                WeightFixtures.zeros(folder.resolve("next"), shapes), "a ResNeXt: its 3x3 convolutions have 2 groups");
        shapes.put("layer1.0.conv1.weight", List.of(4L, 2L, 1L, 1L));
        shapes.put("layer1.0.conv2.weight", List.of(4L, 4L, 3L, 3L));
        assertRefused(
                WeightFixtures.zeros(folder.resolve("wide"), shapes), "a wide ResNet: layer1 works in 4 channels");
        shapes.put("conv1.weight", List.of(2L, 4L, 7L, 7L));
        assertRefused(WeightFixtures.zeros(folder.resolve("four"), shapes), "an image has 1 or 3 channels");
    }

    @Test
    void othersTextModelsAreRefusedByName() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        EncoderShapes.bert(20, 4, 1, 6, 8).forEach((name, shape) -> shapes.put("roberta." + name, shape));
        assertRefused(WeightFixtures.zeros(folder.resolve("roberta"), shapes), "a model of another family");
        shapes.clear();
        shapes.putAll(EncoderShapes.bert(20, 4, 1, 6, 8));
        shapes.put("encoder.layer.0.crossattention.self.query.weight", List.of(4L, 4L));
        assertRefused(
                WeightFixtures.zeros(folder.resolve("decoder"), shapes),
                "belongs to a part that BertModel does not have");
        shapes.put("embeddings.token_type_embeddings.weight", List.of(1L, 4L));
        assertRefused(WeightFixtures.zeros(folder.resolve("types"), shapes), "has 1 rows; BERT has 2 token types");
        shapes.clear();
        shapes.put("transformer.h.0.attn.weight", List.of(1L));
        assertRefused(
                WeightFixtures.zeros(folder.resolve("gpt"), shapes),
                "does not hold a ResNet, a BERT or PRIOR's model; its 1 tensors begin with [transformer.h.0.attn.weight]");
    }

    @Test
    void severalModelsInAFileNeedAChoice() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String side : List.of("encoder_q.", "encoder_k.")) {
            EncoderShapes.resnet(List.of(1, 1, 1, 1), 1, 3).forEach((name, shape) -> shapes.put(side + name, shape));
        }
        Path moco = WeightFixtures.zeros(folder.resolve("moco"), shapes);
        assertRefused(
                moco, "holds 2 of the kind ResNet, below ['encoder_q.', 'encoder_k.']; say which one with --prefix");
        assertThat(run(new WeightImport(moco, null, "encoder_q.", null, null))
                        .found()
                        .image())
                .isEqualTo(new ResnetSizes(List.of(1, 1, 1, 1), 1, 3));
        EncoderShapes.bert(20, 4, 1, 6, 8).forEach((name, shape) -> shapes.put("bert." + name, shape));
        assertRefused(
                WeightFixtures.zeros(folder.resolve("both"), shapes),
                "say which one with --kind resnet or --kind bert");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"num_attention_heads\": 2|\"num_attention_heads\": 3|num_attention_heads is 3, which does not divide the hidden size 8",
                "\"hidden_size\": 8|\"hidden_size\": 16|hidden_size is 16, but the tensors have 8",
                "\"hidden_act\": \"gelu\"|\"hidden_act\": \"relu\"|hidden_act is \"relu\"; only \"gelu\" can be computed",
                "\"layer_norm_eps\": 1e-12|\"layer_norm_eps\": 1e-5|layer_norm_eps is 1.0E-5; the encoder computes with 1e-12",
                "\"model_type\": \"bert\"|\"model_type\": \"electra\"|model_type is \"electra\"; only \"bert\" can be computed",
                "{|[|is not JSON",
            })
    void aConfigurationThatDoesNotAgreeIsRefused(String from, String to, String message) throws IOException {
        Path bert = WeightFixtures.copyFolder(WeightFixtures.path("bert"), folder.resolve("bert"));
        Path config = bert.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace(from, to));
        assertThatThrownBy(() -> run(bert)).hasMessageContainingAll(String.valueOf(config), message);
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void aVocabularyOfAnotherSizeIsRefusedAndNothingIsLeft() throws IOException {
        Path bert = WeightFixtures.copyFolder(WeightFixtures.path("bert"), folder.resolve("bert"));
        Files.writeString(bert.resolve("vocab.txt"), "[PAD]\n");
        assertThatThrownBy(() -> run(bert)).hasMessageContaining("has 1 pieces, the word embedding has 110 rows");
        assertThat(store.list()).isEmpty();
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void headsThatContradictAnEarlierImportAreRefused() throws IOException {
        run(WeightFixtures.path("bert"));
        Path bert = WeightFixtures.copyFolder(WeightFixtures.path("bert"), folder.resolve("bert"));
        Path config = bert.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replace("\"num_attention_heads\": 2", "\"num_attention_heads\": 4"));
        assertThatThrownBy(() -> run(bert)).hasMessageContaining("one config.json is wrong");
    }

    @Test
    void headsCanBeSaid() {
        Path bare = WeightFixtures.path("bert.safetensors");
        assertThat(run(new WeightImport(bare, null, null, 4, null)).found().text())
                .isEqualTo(new BertSizes(110, 8, 2, 4, 12, 10, true));
        assertThatThrownBy(() -> run(new WeightImport(bare, null, null, 3, null)))
                .hasMessageContainingAll("3 heads", "size 8");
        assertThatThrownBy(() -> run(new WeightImport(WeightFixtures.path("bert"), null, null, 4, null)))
                .hasMessageStartingWith("4 heads were said, but num_attention_heads is 2 in ");
    }

    @Test
    void weightsAreFoundByNameAndDigest() {
        ImportResult resnet = run(named("resnet.pth", "imagenet"));
        ImportResult bert = run(named("bert.safetensors", "clinical-bert"));
        String digest = resnet.set().digest();

        assertThat(store.load("imagenet")).isEqualTo(resnet.set()).isEqualTo(store.load(digest));
        assertThat(store.findDigest(digest.substring(0, 8))).contains(digest);
        assertThat(store.findDigest(digest.substring(0, 7))).isEmpty();
        assertThat(store.names()).containsOnlyKeys("clinical-bert", "imagenet");
        assertThat(store.list()).containsExactlyInAnyOrder(resnet.set(), bert.set());
        assertThatThrownBy(() -> store.load("imagnet"))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContaining("no weights 'imagnet'")
                .hasMessageContaining("did you mean 'imagenet'?");
    }

    @Test
    void aNameCanMoveToOtherWeights() {
        ImportResult first = run(named("resnet.pth", "mine"));
        ImportResult second = run(named("prior-vision.pt", "mine"));
        assertThat(second.nameBefore()).isEqualTo(first.set().digest());
        assertThat(store.load("mine").digest()).isEqualTo(second.set().digest());
        assertThat(store.load(first.set().digest()).names()).isEmpty();
        assertThat(run(named("prior-vision.pt", "mine")).nameBefore()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Mine", "../up", "a/b", "0123abcd", "deadbeef", ".hidden", "a b"})
    void anImpossibleNameIsRefusedBeforeAnythingIsRead(String name) {
        assertThatThrownBy(() -> run(new WeightImport(folder.resolve("none"), null, null, null, name)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("a name of weights is a letter");
    }

    @Test
    void damagedWeightsAreFoundAndReplaced() throws IOException {
        ImportResult result = run(WeightFixtures.path("resnet.pth"));
        byte[] bytes = Files.readAllBytes(result.set().weights());
        bytes[bytes.length - 1] ^= 1;
        Files.write(result.set().weights(), bytes);
        assertThatThrownBy(() -> store.verify(result.set()))
                .hasMessageContaining("SHA-256 is ")
                .hasMessageContaining("expected " + result.set().digest());

        assertThat(run(WeightFixtures.path("resnet.pth")).isNew()).isTrue();

        store.verify(store.load(result.set().digest()));
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void aStoreThatCannotBeWrittenIsNamed() throws IOException {
        Files.createDirectories(folder.resolve("artifacts"));
        Files.writeString(folder.resolve("artifacts/weights"), "a file");
        assertThatThrownBy(() -> run(WeightFixtures.path("resnet.pth")))
                .isInstanceOfSatisfying(
                        PerduraException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARTIFACT_STORE_UNAVAILABLE))
                .hasMessageContaining("can't write the weights");
    }

    @Test
    void aFolderWithoutWeightsIsNamed() {
        assertThatThrownBy(() -> run(folder))
                .hasMessageContainingAll(
                        String.valueOf(folder),
                        "[weights.safetensors, model.safetensors, model.safetensors.index.json, pytorch_model.bin]");
    }

    private ImportResult run(Path file) {
        return run(new WeightImport(file, null, null, null, null));
    }

    private ImportResult run(WeightImport wanted) {
        return new WeightImporter(store, DurableEffects.counting()).run(wanted);
    }

    private static WeightImport named(String fixture, @Nullable String name) {
        return new WeightImport(WeightFixtures.path(fixture), null, null, null, name);
    }

    private List<String> unfinished() {
        try (Stream<Path> entries = Files.list(store.root())) {
            return entries.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.startsWith("."))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private void assertRefused(Path file, String... messages) {
        assertThatThrownBy(() -> run(file))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WEIGHTS))
                .hasMessageContainingAll(messages);
        assertThat(unfinished()).isEmpty();
    }
}
