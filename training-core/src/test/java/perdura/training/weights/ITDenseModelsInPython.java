package perdura.training.weights;

import static perdura.training.weights.ITWeightsInPython.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DurableEffects;
import perdura.testkit.GoldenCases;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.golden.GoldenFixture;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.nn.UNet;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Whole models of dense tasks give the same answers in Python, loaded by the lines that are printed. Needs a Python with {@code torch}, {@code
 * torchvision}, {@code segmentation_models_pytorch} and {@code safetensors}: {@code -Dperdura.python=venv/bin/python}.
 */
class ITDenseModelsInPython {
    @TempDir
    static Path folder;

    private final DurableEffects effects = DurableEffects.counting();

    @BeforeAll
    static void lookForPython() throws Exception {
        ITWeightsInPython.requireModules(
                "ITDenseModelsInPython", "torch, torchvision, segmentation_models_pytorch, safetensors");
    }

    @Test
    void aUNetAnswersTheSameInSegmentationModelsPytorch() throws Exception {
        for (int channels : new int[] {1, 3}) {
            assertUNet(
                    "narrow, " + channels + " channels",
                    new ImageEncoder(List.of(1, 2, 1, 1), 8, channels),
                    List.of(24, 16, 12, 8, 4));
        }
        assertUNet("ResNet50", new ImageEncoder(List.of(3, 4, 6, 3), 64, 1), List.of(256, 128, 64, 32, 16));
    }

    private void assertUNet(String name, ImageEncoder encoder, List<Integer> decoder) throws Exception {
        UNet net = new UNet(encoder.backbone(), decoder);
        HostTensor images = drawn("images", List.of(2L, Long.valueOf(encoder.channels()), 64L, 96L), 0, 1);
        Path weights = folder.resolve(name + ".safetensors");
        HostTensor logits;
        try (Torch torch = Torch.start("cpu", 2)) {
            StateDictLayout layout = net.layout();
            Parameters parameters = layout.allocate(torch, ElementType.F32);
            Initializer.fill(torch, layout, parameters, 1);
            for (HostTensor tensor : parameters.copyOut()) {
                if (tensor.name().endsWith(".running_mean")) {
                    parameters.copyIn(drawn(tensor.name(), tensor.shape(), 0, 0.1));
                } else if (tensor.name().endsWith(".running_var")) {
                    parameters.copyIn(drawn(tensor.name(), tensor.shape(), 1, 0.1));
                }
            }
            ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.EVAL);
            net.write(program);
            logits = run(torch, program, parameters, images);
            write(weights, parameters.copyOut());
        }
        List<String> lines = UNetExport.write(ExportSource.ofTrial(weights), folder.resolve(name + ".pth"), effects);
        Path input = folder.resolve(name + "-input.safetensors");
        SafetensorsWriter.write(input, List.of(images), effects);
        Map<String, HostTensor> there = result(lines, input, """
                result = {"logits": model.eval()(load_file(sys.argv[1])["images"])}
                """);
        assertClose("U-Net, " + name, Objects.requireNonNull(there.get("logits")), logits);
    }

    /** The fixture's values are those of our detector, too: {@code TestDetectorGoldens}. */
    @Test
    void aDetectorAnswersTheSameInTorchvision() throws Exception {
        GoldenFixture fixture = GoldenFixture.load("dense/detector_eval");
        JsonNode config = fixture.json().get("config");
        List<HostTensor> tensors = new ArrayList<>();
        for (String prefix : List.of("weight.", "buffer.")) {
            for (String name : fixture.names(prefix)) {
                String ours = name.substring(prefix.length()).replaceFirst("^backbone\\.body\\.", "image.backbone.");
                tensors.add(fixture.tensor(name, ours, ElementType.F32));
            }
        }
        Path weights = folder.resolve("detector.safetensors");
        write(weights, tensors);
        List<Integer> anchors = new ArrayList<>();
        for (int size : GoldenCases.integers(config.get("anchor_sizes"))) {
            anchors.add(size);
        }
        int[] sides = GoldenCases.integers(config.get("image"));
        List<String> lines = DetectorExport.write(
                ExportSource.ofTrial(weights),
                new DetectorExport.Settings(
                        Math.min(sides[0], sides[1]),
                        anchors,
                        config.get("roi_canonical").asInt(),
                        config.get("pre_nms_test").asInt(),
                        config.get("post_nms_test").asInt()),
                folder.resolve("detector.pth"),
                effects);
        Path input = folder.resolve("detector-input.safetensors");
        HostTensor images = fixture.tensor("input.images", "images", ElementType.F32);
        SafetensorsWriter.write(input, List.of(images), effects);
        Map<String, HostTensor> there =
                result(lines, input, """
                model.roi_heads.detections_per_img = %d
                model.transform.max_size = %d
                result = {}
                for i, found in enumerate(model.eval()(list(load_file(sys.argv[1])["images"]))):
                    result |= {f"boxes{i}": found["boxes"], f"scores{i}": found["scores"]}
                """.formatted(config.get("detections").asInt(), Math.max(sides[0], sides[1])));
        for (int i = 0; i < images.shape().get(0); i++) {
            for (String name : List.of("boxes" + i, "scores" + i)) {
                HostTensor expected = fixture.tensor("output." + name, name, ElementType.F32);
                assertClose("detector, " + name, Objects.requireNonNull(there.get(name)), expected);
            }
        }
    }

    /** As the section of a checkpoint with the best weights. */
    private void write(Path file, List<HostTensor> tensors) throws Exception {
        SafetensorsWriter.write(
                file,
                tensors.stream()
                        .map(tensor ->
                                new HostTensor("best." + tensor.name(), tensor.type(), tensor.shape(), tensor.data()))
                        .toList(),
                effects);
    }

    private static HostTensor run(Torch torch, ScriptBuilder program, Parameters parameters, HostTensor images) {
        try (Script script = Script.compile(torch, program.text());
                StepScope scope = torch.newStep()) {
            Tensor result = script.call(scope, "logits", List.of(program.arguments(parameters)), scope.tensor(images))
                    .get(0);
            return GoldenFixture.host("logits", ElementType.F32, result.shape(), result.toDoubles());
        }
    }

    private static HostTensor drawn(String name, List<Long> shape, double mean, double deviation) {
        RandomStream draws = Seeds.stream("dense export", name);
        double[] values = new double
                [Math.toIntExact(shape.stream().mapToLong(size -> size).reduce(1, Math::multiplyExact))];
        for (int i = 0; i < values.length; i++) {
            values[i] = mean + deviation * draws.nextGaussian();
        }
        return GoldenFixture.host(name, ElementType.F32, shape, values);
    }

    /** What the model of these Python lines computes. */
    private static Map<String, HostTensor> result(List<String> lines, Path input, String code) throws Exception {
        Path out = folder.resolve("result.safetensors");
        String script =
                String.join("\n", lines) + "\nimport sys, torch\nfrom safetensors.torch import load_file, save_file\n"
                        + "with torch.no_grad():\n" + code.indent(4)
                        + "save_file({k: x.contiguous() for k, x in result.items()}, sys.argv[2])\n";
        ITWeightsInPython.python(script, input, out);
        return WeightFixtures.read(out);
    }
}
