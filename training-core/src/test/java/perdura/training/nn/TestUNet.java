package perdura.training.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.ResnetSpec.Block;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Sizes and values come from the golden folder: {@code dense/unet}. */
class TestUNet {
    private static final String IMAGES = "input.images";
    private static final String MASKS = "input.masks";

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32"})
    void goesAsInPyTorch(ElementType type) {
        GoldenFixture fixture = GoldenFixture.load("dense/unet");
        UNet net = net(fixture.json().get("config"));
        double exact = type == ElementType.F64 ? 1e-9 : 1e-5;
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters store = store(torch, net, fixture, type);
            assertEvaluation(torch, net, store, fixture, exact);
            ScriptBuilder program = program(net, ScriptBuilder.Mode.TRAIN);
            try (Gradients gradients = new Gradients(store, program.trained());
                    StepScope scope = torch.newStep()) {
                List<Tensor> results = Gradients.record(() -> Script.compile(torch, program.text())
                        .call(scope, "golden", List.of(program.arguments(store)), store.tensor(MASKS)));
                Gradients.backward(scope, results.get(0));
                double loss = fixture.scalar("loss");
                assertThat(results.get(0).item()).isCloseTo(loss, within(exact * loss));
                double focal = fixture.scalar("focalDiceLoss");
                assertThat(results.get(1).item()).isCloseTo(focal, within(exact * focal));
                List<String> outputs = outputs();
                for (int i = 0; i < outputs.size(); i++) {
                    assertClose(fixture, outputs.get(i), results.get(i + 2), exact);
                }
                assertGradients(fixture, gradients, type == ElementType.F64 ? 1e-9 : 1e-4);
            }
            List<String> after = fixture.names("after.buffer.");
            assertThat(after).isNotEmpty();
            for (String name : after) {
                assertClose(fixture, name, store.tensor(name.substring("after.buffer.".length())), exact);
            }
        }
    }

    private static List<String> outputs() {
        List<String> names = new ArrayList<>(List.of("output.logits"));
        IntStream.range(0, 5).forEach(i -> names.add("output.encoder." + i));
        IntStream.range(0, 5).forEach(i -> names.add("output.decoder." + i));
        return names;
    }

    private static void assertEvaluation(
            Torch torch, UNet net, Parameters store, GoldenFixture fixture, double tolerance) {
        ScriptBuilder program = program(net, ScriptBuilder.Mode.EVAL);
        try (StepScope scope = torch.newStep()) {
            Tensor logits = Script.compile(torch, program.text())
                    .call(scope, "golden", List.of(program.arguments(store)), store.tensor(MASKS))
                    .get(2);
            assertClose(fixture, "output.eval.logits", logits, tolerance);
        }
    }

    private static void assertGradients(GoldenFixture fixture, Gradients gradients, double tolerance) {
        String prefix = "grad.loss.";
        List<String> names = fixture.names(prefix);
        double ofAll = names.stream()
                .mapToDouble(name -> largest(fixture.values(name)))
                .max()
                .orElseThrow();
        List<String> compared = new ArrayList<>();
        for (String name : names) {
            String parameter = name.substring(prefix.length()).replaceFirst("^weight\\.", "");
            double[] expected = fixture.values(name);
            assertThat(gradients.tensor(parameter).toDoubles())
                    .as(name)
                    .containsExactly(expected, within(tolerance * (largest(expected) + 1e-3 * ofAll)));
            compared.add(parameter);
        }
        assertThat(compared).containsExactlyInAnyOrderElementsOf(gradients.names());
    }

    private static void assertClose(GoldenFixture fixture, String name, Tensor actual, double tolerance) {
        double[] expected = fixture.values(name);
        assertThat(actual.shape()).as(name).isEqualTo(fixture.shape(name));
        assertThat(actual.toDoubles())
                .as(name)
                .containsExactly(expected, within(tolerance * Math.max(largest(expected), 1e-300)));
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    private static Parameters store(Torch torch, UNet net, GoldenFixture fixture, ElementType type) {
        Parameters store = net.layout().allocate(torch, type);
        List<String> own = store.names();
        for (String name : List.of(IMAGES, MASKS)) {
            store.add(name, type, fixture.shape(name));
            store.copyIn(fixture.tensor(name, name, type));
        }
        List<String> given = new ArrayList<>();
        for (String prefix : List.of("weight.", "buffer.")) {
            for (String name : fixture.names(prefix)) {
                String as = name.substring(prefix.length());
                store.copyIn(fixture.tensor(name, as, type));
                given.add(as);
            }
        }
        assertThat(own).containsExactlyInAnyOrderElementsOf(given);
        return store;
    }

    private static UNet net(JsonNode config) {
        Backbone encoder = new Backbone(
                "encoder",
                Block.valueOf(config.get("block").asText()),
                integers(config.get("blocks")),
                config.get("width").asInt(),
                config.get("channels").asInt());
        return new UNet(encoder, integers(config.get("decoder")));
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asInt()));
        return values;
    }

    private static ScriptBuilder program(UNet net, ScriptBuilder.Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        net.write(program);
        String maps = String.join(
                ", ", IntStream.range(0, 5).mapToObj(i -> "maps[" + i + "]").toList());
        String blocks = maps.replace("maps", "blocks");
        MaskLoss.FOCAL_DICE.write(program);
        program.function("golden", "y: Tensor", "List[Tensor]", """
                maps = self.pyramid(p, %s)
                blocks = self.decode(p, maps)
                z = self.head(p, blocks[4])
                loss = torch.rsub(self.dice(p, z, y, 0., 1e-07), 1)
                return [loss, self.mask_loss(p, z, y), z, %s, %s]
                """.formatted(program.parameter(IMAGES), maps, blocks));
        return program;
    }

    @Test
    void atFullSizeItHasAsManyParametersAsThePapers() {
        UNet net = new UNet(
                new Backbone("encoder", List.of(3, 4, 6, 3), 64), List.of(256, 128, 64, 32, 16)); // prior.md 4.4
        assertThat(net.layout().countParameters("")).isEqualTo(32_514_833);
        assertThat(net.layout().countParameters("decoder.")).isEqualTo(9_012_928);
        assertThat(net.layout().countParameters("segmentationHead.")).isEqualTo(145);
    }

    @Test
    void firstValuesAreUniformWithinTheBoundsOfKaimingAndXavier() {
        UNet net = new UNet(new Backbone("encoder", List.of(1, 1, 1, 1), 8), List.of(64, 32, 16, 8, 4));
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters weights = net.layout().allocate(torch, ElementType.F32);
            Initializer.fill(torch, net.layout(), weights, 1);
            assertUniform(weights, "decoder.blocks.0.conv1.weight", Math.sqrt(6 / (9.0 * (256 + 128))));
            assertUniform(weights, "decoder.blocks.0.conv2.weight", Math.sqrt(6 / (9.0 * 64)));
            assertUniform(weights, "decoder.blocks.4.conv1.weight", Math.sqrt(6 / (9.0 * 8)));
            assertUniform(weights, "segmentationHead.weight", Math.sqrt(6 / (9.0 * (4 + 1))));
            assertThat(weights.tensor("segmentationHead.bias").toDoubles()).containsExactly(0);
            assertThat(weights.tensor("decoder.blocks.3.bn2.weight").toDoubles())
                    .containsOnly(1);
        }
    }

    /** The greatest of n uniform numbers is over 0.85 of their bound but for a chance of 0.85^n, n at least 36. */
    private static void assertUniform(Parameters weights, String name, double bound) {
        assertThat(largest(weights.tensor(name).toDoubles())).as(name).isBetween(0.85 * bound, bound);
    }

    @Test
    void anotherNumberOfBlocksIsRefused() {
        assertThatThrownBy(() -> new UNet(new Backbone("encoder", List.of(1, 1, 1, 1), 8), List.of(4, 4)))
                .hasMessageContainingAll("5 decoder blocks", "[4, 4]");
    }
}
