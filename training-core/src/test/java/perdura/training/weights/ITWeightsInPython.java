package perdura.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;
import perdura.training.weights.WeightImporter.WeightImport;

/**
 * There and back: weights of Python's own classes give the same features here, and what is exported the same there. Needs a
 * Python with {@code torch}, {@code torchvision}, {@code transformers} and {@code safetensors}:
 * {@code -Dperdura.python=venv/bin/python}.
 */
class ITWeightsInPython {
    private static final String PYTHON = System.getProperty("perdura.python", "python3");
    private static final int VOCABULARY = 28996;
    private static final double TOLERANCE = 1e-4;

    private static final String MAKE = """
            import sys, torch, torchvision, transformers, safetensors.torch
            folder = sys.argv[1]
            torch.manual_seed(1)
            images = torch.randn(8, 1, 224, 224)
            colour = images.repeat(1, 3, 1, 1)
            resnet = torchvision.models.resnet50()
            for module in resnet.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.momentum = None  # statistics of the images, as after a training
                if isinstance(module, torchvision.models.resnet.Bottleneck):
                    torch.nn.init.uniform_(module.bn3.weight, 0.1, 0.5)  # else rounding grows tenfold on its way
            with torch.no_grad():
                resnet.train()(colour)
                resnet.eval()
                torch.save(resnet.state_dict(), folder + "/resnet50.pth")
                torch.save({"state_dict": {"module." + k: v for k, v in resnet.state_dict().items()}},
                           folder + "/resnet50-legacy.pth.tar", _use_new_zipfile_serialization=False)
                resnet.fc = torch.nn.Identity()
                features = resnet(colour)
                bert = transformers.BertModel(transformers.BertConfig(vocab_size=28996)).eval()
                bert.save_pretrained(folder + "/bert")
                torch.save(bert.state_dict(), folder + "/pytorch_model.bin")
                ids = torch.randint(1, 28996, (8, 48))
                lengths = torch.tensor([48, 40, 33, 20, 12, 5, 2, 1])
                mask = (torch.arange(48)[None] < lengths[:, None]).long()
                hidden = bert(input_ids=ids, attention_mask=mask).last_hidden_state
            safetensors.torch.save_file(
                dict(images=images, features=features, ids=ids, mask=mask, hidden=hidden), folder + "/expected.safetensors")
            """;

    @TempDir
    static Path folder;

    private final DurableEffects effects = DurableEffects.counting();

    @BeforeAll
    static void makeModels() throws Exception {
        requireModules("ITWeightsInPython", "torch, torchvision, transformers, safetensors");
        python(MAKE, folder);
    }

    /** Skips a test, and says so, where the Python of the settings lacks something. */
    static void requireModules(String test, String modules) throws InterruptedException {
        int exit;
        try {
            exit = new ProcessBuilder(PYTHON, "-c", "import " + modules)
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            exit = -1;
        }
        if (exit != 0) {
            System.err.println(
                    "SKIPPED: " + test + " needs a Python with " + modules + ", -Dperdura.python=FILE; was " + PYTHON);
        }
        assumeThat(exit).as("exit status of importing " + modules).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet50.pth", "resnet50-legacy.pth.tar"})
    void featuresOfTorchvisionsResnetAreTheSameThereAndBack(String file) throws Exception {
        WeightSet set = imported(folder.resolve(file));
        HostTensor features = imageFeatures(set.digest());
        assertClose(file + " -> import -> our features", features, expected("features"));

        Path colour = folder.resolve(file + "-colour.pth");
        List<String> lines = TorchvisionExport.write(ExportSource.of(set), colour, 3, effects);
        assertClose(file + " -> import -> export", imagesIn(lines, 3), expected("features"));
        Path grey = folder.resolve(file + "-grey.pth");
        lines = TorchvisionExport.write(ExportSource.of(set), grey, 1, effects);
        assertClose(file + " -> import -> export, one channel", imagesIn(lines, 1), expected("features"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "pytorch_model.bin"})
    void featuresOfHuggingFacesBertAreTheSameThereAndBack(String file) throws Exception {
        WeightSet set = imported(folder.resolve(file));
        assertClose(file + " -> import -> our features", textFeatures(set.digest()), expected("hidden"));

        Path out = folder.resolve(file + "-export");
        List<String> lines = TransformersExport.write(ExportSource.of(set), out, effects);
        assertClose(file + " -> import -> export", textsIn(lines, out), expected("hidden"));
    }

    @Test
    void theEncodersOfACheckpointOfOursAreLoadedInPython() throws Exception {
        String image = imported(folder.resolve("resnet50.pth")).digest();
        String text = imported(folder.resolve("bert")).digest();
        Path weights = folder.resolve("weights.safetensors");
        try (Torch torch = Torch.start("cpu", 2)) {
            SafetensorsWriter.write(
                    weights,
                    parameters(torch, new InitialWeightsSpec(image, text)).copyOut(),
                    effects);
        }
        ExportSource source = ExportSource.ofCheckpoint(weights, 12, folder.resolve("none.txt"));
        List<String> lines = TorchvisionExport.write(source, folder.resolve("run.pth"), 3, effects);
        assertClose("checkpoint -> export, grey kernel on three channels", imagesIn(lines, 3), expected("features"));
        lines = TransformersExport.write(source, folder.resolve("run-bert"), effects);
        assertClose("checkpoint -> export", textsIn(lines, folder.resolve("run-bert")), expected("hidden"));
    }

    @Test
    void aNarrowResnetIsLoadedByTheLinesThatArePrinted() throws Exception {
        ExportSource source = ExportSource.of(imported(WeightFixtures.path("resnet.pth")));
        for (int channels : new int[] {1, 3}) {
            List<String> lines =
                    TorchvisionExport.write(source, folder.resolve("narrow-" + channels + ".pth"), channels, effects);
            HostTensor features = imagesIn(lines, channels);
            assertThat(features.shape()).containsExactly(8L, 64L);
        }
    }

    private WeightSet imported(Path file) {
        return new WeightImporter(new WeightStore(folder.resolve("artifacts")), effects)
                .run(new WeightImport(file, null, null, null, null))
                .set();
    }

    /** Mean over the cells of our feature map, [8, 2048]. */
    private HostTensor imageFeatures(String digest) {
        try (Torch torch = Torch.start("cpu", 2)) {
            Parameters parameters = parameters(torch, new InitialWeightsSpec(digest, null));
            ScriptBuilder program = WeightFixtures.backbone(prior());
            program.function("features", "x: Tensor", "Tensor", "return torch.mean(self.backbone(p, x), [2, 3])\n");
            HostTensor images = expected("images");
            return run(torch, program, parameters, "features", images);
        }
    }

    private HostTensor textFeatures(String digest) {
        try (Torch torch = Torch.start("cpu", 2)) {
            Parameters parameters = parameters(torch, new InitialWeightsSpec(null, digest));
            ScriptBuilder program = WeightFixtures.bert(prior());
            return run(torch, program, parameters, "bert", expected("ids"), expected("mask"));
        }
    }

    private Parameters parameters(Torch torch, InitialWeightsSpec spec) {
        StateDictLayout layout = prior().layout();
        Parameters parameters = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, parameters, 1);
        InitialWeights initial = InitialWeights.find(new WeightStore(folder.resolve("artifacts")), spec);
        check(initial, prior().spec(), null);
        initial.copyInto(layout, parameters);
        return parameters;
    }

    private static HostTensor run(
            Torch torch, ScriptBuilder program, Parameters parameters, String function, HostTensor... inputs) {
        try (Script script = Script.compile(torch, program.text());
                StepScope scope = torch.newStep()) {
            Tensor[] tensors = new Tensor[inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                tensors[i] = scope.tensor(inputs[i]);
            }
            Tensor result = script.call(scope, function, List.of(program.arguments(parameters)), tensors)
                    .get(0);
            double[] values = result.toDoubles();
            ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (double value : values) {
                data.putFloat((float) value);
            }
            return new HostTensor(function, ElementType.F32, result.shape(), data.flip());
        }
    }

    /** What the model of these Python lines computes for the images. */
    private HostTensor imagesIn(List<String> lines, int channels) throws Exception {
        return result(lines, """
                x = load_file(sys.argv[1])["images"].repeat(1, %d, 1, 1)
                result = model.eval()(x)
                """.formatted(channels));
    }

    /** What the model of these Python lines computes for the texts; nothing may be missing or unexpected in the folder. */
    private HostTensor textsIn(List<String> lines, Path export) throws Exception {
        return result(lines, """
                _, info = BertModel.from_pretrained("%s", output_loading_info=True)
                assert not any(info.values()), info
                x = load_file(sys.argv[1])
                result = model.eval()(input_ids=x["ids"], attention_mask=x["mask"]).last_hidden_state
                """.formatted(export));
    }

    private HostTensor result(List<String> lines, String code) throws Exception {
        Path out = folder.resolve("result.safetensors");
        Files.deleteIfExists(out);
        String script =
                String.join("\n", lines) + "\nimport sys, torch\nfrom safetensors.torch import load_file, save_file\n"
                        + "with torch.no_grad():\n" + code.indent(4)
                        + "save_file({'result': result.contiguous()}, sys.argv[2])\n";
        python(script, folder.resolve("expected.safetensors"), out);
        return Objects.requireNonNull(WeightFixtures.read(out).get("result"));
    }

    private HostTensor expected(String name) {
        return Objects.requireNonNull(
                WeightFixtures.read(folder.resolve("expected.safetensors")).get(name));
    }

    static void assertClose(String what, HostTensor actual, HostTensor expected) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double[] a = WeightFixtures.values(Map.of("x", actual), "x");
        double[] b = WeightFixtures.values(Map.of("x", expected), "x");
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(b[i]));
            difference = Math.max(difference, Math.abs(a[i] - b[i]));
        }
        System.out.printf("%s: max abs difference %.3g, largest value %.3g%n", what, difference, largest);
        assertThat(difference).as(what).isLessThan(TOLERANCE);
    }

    /** Encoders of ResNet50's and BERT-base's sizes; the rest is as small as it can be. */
    private static Prior prior() {
        return new Prior(
                new ModelSpec(
                        new ModelSpec.Image(224, new ResnetSpec(List.of(3, 4, 6, 3), 64), 8),
                        new ModelSpec.Text(48, Overlong.KEEP_SEP, new BertSpec(768, 12, 12, 3072, 512), 0.1),
                        new ModelSpec.Heads(8, ModelSpec.Gather.MEAN, 2, 2, false, ModelSpec.LamActivation.SIGMOID, 4),
                        4,
                        new ModelSpec.Decoders(
                                2, new ModelSpec.Decoders.SentenceDecoder(1, 2, 8), List.of(8, 6, 4, 2, 2)),
                        0.07,
                        100,
                        PriorSpecs.SPB,
                        PriorSpecs.CCR),
                VOCABULARY);
    }

    static void python(String script, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(PYTHON, "-c", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
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
