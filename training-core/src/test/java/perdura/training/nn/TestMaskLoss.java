package perdura.training.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import perdura.testkit.GoldenCases;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.torch.Gradients;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Cases come from the golden folder: {@code dense/seg_losses}. */
class TestMaskLoss {
    private static final Map<MaskLoss, String> KINDS = Map.of(
            MaskLoss.DICE, "dice", MaskLoss.FOCAL_DICE, "focalDice", MaskLoss.FOCAL_DICE_ALTERNATIVE, "alternative");

    private static Stream<String> cases() {
        return GoldenCases.texts(
                GoldenCases.read("dense/seg_losses").get("config").get("cases"))
                .stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void goesAsInPyTorch(String name) {
        GoldenFixture fixture = GoldenFixture.load("dense/seg_losses");
        KINDS.forEach((loss, kind) -> {
            for (ElementType type : List.of(ElementType.F64, ElementType.F32)) {
                // Losses are sums of terms about 1: of a vanishing one float32 has the digits of 1
                double least = type == ElementType.F64 ? 0 : 1;
                double exact = type == ElementType.F64 ? 1e-9 : 1e-5;
                double expected = fixture.scalar(name + "." + kind);
                double[] gradient = fixture.values(name + ".grad." + kind);
                Result result = run(
                        loss,
                        fixture.tensor(name + ".logits", "logits", type),
                        fixture.tensor(name + ".masks", "masks", type));
                assertThat(result.value)
                        .as("%s of %s, %s", kind, name, type)
                        .isCloseTo(expected, within(exact * Math.max(Math.abs(expected), least)));
                double bound = (type == ElementType.F64 ? 1e-9 : 1e-4)
                        * (largest(gradient) + 1e-3 * largestGradient(fixture, kind));
                assertThat(result.gradient)
                        .as("gradient of %s of %s, %s", kind, name, type)
                        .containsExactly(gradient, within(bound));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32"})
    void aBatchWithoutTruthHasADiceLossOfOneAndNoGradient(ElementType type) {
        double[] logits = {-3, 0, 2, 40, -200};
        Result result = run(
                MaskLoss.DICE,
                GoldenFixture.host("logits", type, List.of(1L, 1L, 1L, 5L), logits),
                GoldenFixture.host("masks", type, List.of(1L, 1L, 1L, 5L), new double[5]));
        assertThat(result.value).isEqualTo(1);
        assertThat(result.gradient).containsOnly(0);
    }

    @Test
    void probabilitiesThatVanishGiveNumbers() {
        for (MaskLoss loss : MaskLoss.values()) {
            Result result = run(
                    loss,
                    GoldenFixture.host("logits", ElementType.F32, List.of(1L, 1L, 1L, 2L), new double[] {-300, -300}),
                    GoldenFixture.host("masks", ElementType.F32, List.of(1L, 1L, 1L, 2L), new double[] {0, 0}));
            assertThat(result.value).as("%s", loss).isFinite();
            assertThat(Arrays.stream(result.gradient).sum()).as("%s", loss).isFinite();
        }
    }

    private static final class Result {
        private final double value;
        private final double[] gradient;

        Result(double value, double[] gradient) {
            this.value = value;
            this.gradient = gradient;
        }
    }

    private static Result run(MaskLoss loss, HostTensor logits, HostTensor masks) {
        ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.TRAIN);
        loss.write(program);
        program.function("golden", "z: Tensor, y: Tensor", "Tensor", "return self.mask_loss(p, z, y)\n");
        try (Torch torch = Torch.start("cpu", 1);
                Script script = Script.compile(torch, program.text());
                StepScope scope = torch.newStep()) {
            Tensor z = scope.tensor(logits);
            Tensor y = scope.tensor(masks);
            Gradients.startFrom(List.of(z));
            Tensor value = Gradients.record(() -> script.call(scope, "golden", List.of(List.of(scope.scalar(0))), z, y)
                    .get(0));
            Gradients.backward(scope, value);
            return new Result(value.item(), Gradients.of(List.of(z)).get(0).toDoubles());
        }
    }

    private static double largestGradient(GoldenFixture fixture, String kind) {
        Map<String, Double> all = new LinkedHashMap<>();
        cases().forEach(name -> all.put(name, largest(fixture.values(name + ".grad." + kind))));
        return all.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }
}
