package perdura.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.WeightImporter.WeightImport;

/** The expected features are PyTorch's own: make_model_files.py. */
class TestInitialWeights {
    private static final int VOCABULARY = 110;

    @TempDir
    Path folder;

    private WeightStore store = new WeightStore(Path.of(""));

    @BeforeEach
    void useAnEmptyStore() {
        store = new WeightStore(folder);
    }

    @Test
    void importedEncodersComputeWhatPyTorchComputes() {
        Map<String, HostTensor> expected = WeightFixtures.read(WeightFixtures.path("features.safetensors"));
        InitialWeights initial = find("resnet.pth", "bert");
        Prior prior = new Prior(model(List.of(1, 2, 1, 1), 2, 2), VOCABULARY);
        check(initial, prior.spec(), Vocabulary.read(WeightFixtures.path("bert/vocab.txt")));
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters parameters = prior.layout().allocate(torch, ElementType.F32);
            Initializer.fill(torch, prior.layout(), parameters, 3);
            initial.copyInto(prior.layout(), parameters);
            try (StepScope scope = torch.newStep()) {
                HostTensor image = tensor(expected, "image");
                Tensor images = scope.floats(
                        floats(image), image.shape().stream().mapToLong(s -> s).toArray());
                assertClose(
                        run(torch, scope, WeightFixtures.backbone(prior), parameters, "backbone", images),
                        WeightFixtures.values(expected, "image.map"));
                HostTensor ids = tensor(expected, "ids");
                long[] shape = ids.shape().stream().mapToLong(s -> s).toArray();
                Tensor hidden = run(
                        torch,
                        scope,
                        WeightFixtures.bert(prior),
                        parameters,
                        "bert",
                        scope.longs(longs(ids), shape),
                        scope.longs(longs(tensor(expected, "mask")), shape));
                assertClose(hidden, WeightFixtures.values(expected, "hidden"));
            }
        }
    }

    private static Tensor run(
            Torch torch,
            StepScope scope,
            ScriptBuilder program,
            Parameters parameters,
            String function,
            Tensor... inputs) {
        try (Script script = Script.compile(torch, program.text())) {
            return script.call(scope, function, List.of(program.arguments(parameters)), inputs)
                    .get(0);
        }
    }

    private static void assertClose(Tensor actual, double[] expected) {
        double[] values = actual.toDoubles();
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i]).isCloseTo(expected[i], within(1e-4));
        }
    }

    @Test
    void everyOtherTensorKeepsItsFirstValue() {
        Map<String, HostTensor> without = weights(InitialWeights.NONE);
        Map<String, HostTensor> with = weights(find("resnet.pth", "bert"));
        assertThat(with.keySet()).isEqualTo(without.keySet());
        with.forEach((name, tensor) -> {
            boolean isEncoder = name.startsWith("image.backbone.") || name.startsWith("text.bert.");
            assertThat(tensor.equals(without.get(name))).as(name).isNotEqualTo(isEncoder);
        });
    }

    @Test
    void threeKernelsBecomeTheirSum() {
        Map<String, HostTensor> file =
                WeightFixtures.read(imported("resnet.pth").weights());
        double[] three = WeightFixtures.values(file, "conv1.weight");
        double[] one = WeightFixtures.values(weights(find("resnet.pth", null)), "image.backbone.conv1.weight");
        assertThat(one).hasSize(three.length / 3);
        for (int filter = 0; filter < 2; filter++) {
            for (int cell = 0; cell < 49; cell++) {
                double sum =
                        three[filter * 147 + cell] + three[filter * 147 + 49 + cell] + three[filter * 147 + 98 + cell];
                assertThat(one[filter * 49 + cell]).isCloseTo(sum, within(1e-6));
            }
        }
    }

    @Test
    void oneKernelIsSharedOutToThreeChannels() {
        ByteBuffer data = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(3)
                .putFloat(-6)
                .flip();
        HostTensor one = new HostTensor("conv1.weight", ElementType.F32, List.of(1L, 1L, 1L, 2L), data);
        HostTensor three = FirstConvolution.fit(one, 3);
        assertThat(three.shape()).containsExactly(1L, 3L, 1L, 2L);
        assertThat(WeightFixtures.values(Map.of("x", three), "x")).containsExactly(1, -2, 1, -2, 1, -2);
        assertThat(FirstConvolution.fit(three, 1)).isEqualTo(one);
        assertThat(FirstConvolution.fit(one, 1)).isSameAs(one);
    }

    @Test
    void priorsWeightsBringTheirPools() {
        ModelSpec model = model(List.of(1, 1, 1, 1), 1, 2);
        WeightSet set = imported("prior.ckpt");
        InitialWeights initial = InitialWeights.find(store, new InitialWeightsSpec(set.digest(), set.digest()));
        check(initial, model, null);
        Map<String, HostTensor> weights = weights(initial, model);
        Map<String, HostTensor> file = WeightFixtures.read(set.weights());
        for (String name : List.of(
                "image.backbone.conv1.weight",
                "image.attention_pool.positional_embedding",
                "text.token_pool.k_proj.weight",
                "text.sentence_pool.v_proj.bias")) {
            assertThat(weights.get(name)).as(name).isEqualTo(file.get(name));
        }
        assertThat(weights.get("projection.image_global.weight"))
                .as("no part of an encoder")
                .isNotEqualTo(file.get("projection.image_global.weight"));
    }

    @Test
    void sizesThatDoNotFitAreToldWithBothOfThem() {
        assertThatThrownBy(() -> check(find("resnet.pth", "bert"), model(List.of(1, 1, 1, 1), 4, 4), null))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessage("""
                        initialWeights.image: the weights (resnet.pth) have [1, 2, 1, 1] where model.resnetBlocks is [1, 1, 1, 1]; both must be the same
                        initialWeights.image: the weights (resnet.pth) have 2 where model.resnetWidth is 4; both must be the same
                        initialWeights.text: the weights (pytorch_model.bin) have 2 where model.bertHeads is 4; both must be the same""");
        WeightSet set = imported("prior.ckpt");
        InitialWeights prior = InitialWeights.find(store, new InitialWeightsSpec(set.digest(), null));
        assertThatThrownBy(() -> check(prior, model(List.of(1, 1, 1, 1), 1, 2, 96), null))
                .hasMessage(
                        "initialWeights.image: tensor image.attention_pool.positional_embedding of the weights is"
                                + " [5, 32], of the model [10, 32]; to take the encoder alone, import the file with --kind resnet");
    }

    @Test
    void weightsOfOtherBlocksAreRefused() {
        ImageEncoder basic = new ImageEncoder(ResnetSpec.Block.BASIC, List.of(1, 2, 1, 1), 2, 3);
        InitialWeights initial = find("resnet.pth", null);
        assertThatThrownBy(() -> initial.check(
                        new ResnetSpec(List.of(1, 2, 1, 1), 2),
                        null,
                        basic.layout().shapes(),
                        null))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("bottleneck blocks");
    }

    @Test
    void anotherVocabularyIsRefused() throws IOException {
        InitialWeights initial = find(null, "bert");
        ModelSpec model = model(List.of(1, 1, 1, 1), 1, 2);
        Path other = folder.resolve("other.txt");
        String pieces = Files.readString(WeightFixtures.path("bert/vocab.txt"));
        Files.writeString(other, pieces.replace("p7\n", "q7\n"));
        assertThatThrownBy(() -> check(initial, model, Vocabulary.read(other)))
                .hasMessageContaining("data.vocabulary is another one than the weights were trained with");
        Files.writeString(other, pieces + "more\n");
        assertThatThrownBy(() -> check(initial, model, Vocabulary.read(other)))
                .hasMessageContaining("have 110 where the number of pieces in data.vocabulary is 111");
    }

    @Test
    void weightsOfTheOtherEncoderOrNoneAreRefused() {
        String resnet = imported("resnet.pth").digest();
        assertThatThrownBy(() -> InitialWeights.find(store, new InitialWeightsSpec(null, resnet)))
                .hasMessage(
                        "initialWeights.text names weights of kind resnet (resnet.pth); it takes kind bert or prior");
        assertThatThrownBy(() -> InitialWeights.find(store, new InitialWeightsSpec("a".repeat(64), null)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    @Test
    void damagedWeightsNeverEnterATraining() throws IOException {
        WeightSet set = imported("resnet.pth");
        byte[] bytes = Files.readAllBytes(set.weights());
        bytes[bytes.length - 1] ^= 1;
        Files.write(set.weights(), bytes);
        InitialWeights initial = InitialWeights.find(store, new InitialWeightsSpec(set.digest(), null));
        assertThatThrownBy(() -> weights(initial)).hasMessageContaining("SHA-256 is ");
    }

    private InitialWeights find(@Nullable String image, @Nullable String text) {
        return InitialWeights.find(
                store,
                new InitialWeightsSpec(
                        image == null ? null : imported(image).digest(),
                        text == null ? null : imported(text).digest()));
    }

    private WeightSet imported(String fixture) {
        return new WeightImporter(store, DurableEffects.counting())
                .run(new WeightImport(WeightFixtures.path(fixture), null, null, null, null))
                .set();
    }

    private static Map<String, HostTensor> weights(InitialWeights initial) {
        return weights(initial, model(List.of(1, 2, 1, 1), 2, 2));
    }

    /** All tensors of a new model that begins with these weights. */
    private static Map<String, HostTensor> weights(InitialWeights initial, ModelSpec model) {
        StateDictLayout layout = new Prior(model, VOCABULARY).layout();
        Map<String, HostTensor> weights = new TreeMap<>();
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters parameters = layout.allocate(torch, ElementType.F32);
            Initializer.fill(torch, layout, parameters, 3);
            initial.copyInto(layout, parameters);
            parameters.copyOut().forEach(tensor -> weights.put(tensor.name(), tensor));
        }
        return weights;
    }

    private static ModelSpec model(List<Integer> blocks, int width, int heads) {
        return model(blocks, width, heads, 64);
    }

    private static ModelSpec model(List<Integer> blocks, int width, int heads, int imageSize) {
        int bertLayers = width == 1 ? 1 : 2;
        return new ModelSpec(
                new ModelSpec.Image(imageSize, new ResnetSpec(blocks, width), 4),
                new ModelSpec.Text(10, Overlong.KEEP_SEP, new BertSpec(8, bertLayers, heads, 12, 10), 0),
                new ModelSpec.Heads(6, ModelSpec.Gather.ATTENTION, 2, 3, false, ModelSpec.LamActivation.SIGMOID, 3),
                4,
                new ModelSpec.Decoders(3, new ModelSpec.Decoders.SentenceDecoder(1, 2, 8), List.of(6, 5, 4, 3, 2)),
                0.07,
                100,
                PriorSpecs.SPB,
                PriorSpecs.CCR);
    }

    private static HostTensor tensor(Map<String, HostTensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    private static FloatBuffer floats(HostTensor tensor) {
        ByteBuffer direct = ByteBuffer.allocateDirect(tensor.data().limit()).order(ByteOrder.nativeOrder());
        return direct.put(tensor.data().duplicate().rewind()).flip().asFloatBuffer();
    }

    private static LongBuffer longs(HostTensor tensor) {
        ByteBuffer direct = ByteBuffer.allocateDirect(tensor.data().limit()).order(ByteOrder.nativeOrder());
        return direct.put(tensor.data().duplicate().rewind()).flip().asLongBuffer();
    }

    private static void check(InitialWeights initial, ModelSpec model, @Nullable Vocabulary vocabulary) {
        int pieces = vocabulary == null ? 1 : vocabulary.size();
        initial.check(
                model.image().resnet(),
                model.text().bert(),
                new Prior(model, pieces).layout().shapes(),
                vocabulary);
    }
}
