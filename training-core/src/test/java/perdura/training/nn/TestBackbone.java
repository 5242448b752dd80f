package perdura.training.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.ResnetSpec.Block;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestBackbone {
    @ParameterizedTest
    @EnumSource(Block.class)
    void thePyramidEndsWithWhatTheBackboneGives(Block block) {
        Backbone backbone = new Backbone("x", block, List.of(1, 2, 1, 1), 4, 1);
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters weights = weights(torch, backbone);
            ScriptBuilder program = program(backbone, ScriptBuilder.Mode.EVAL);
            try (StepScope scope = torch.newStep()) {
                List<Tensor> maps = call(torch, scope, program, weights, "pyramid");
                assertThat(maps)
                        .extracting(Tensor::shape)
                        .extracting(shape -> shape.get(1))
                        .isEqualTo(backbone.channelsOfPyramid().stream()
                                .map(Integer::longValue)
                                .toList());
                assertThat(maps)
                        .extracting(Tensor::shape)
                        .extracting(shape -> shape.get(2))
                        .containsExactly(32L, 16L, 8L, 4L, 2L);
                assertThat(maps.get(4).toDoubles())
                        .isEqualTo(call(torch, scope, program, weights, "backbone")
                                .get(0)
                                .toDoubles());
                assertThat(Arrays.stream(maps.get(0).toDoubles()).min()).hasValue(0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Block.class)
    void aConstantNormIsNotTrained(Block block) {
        Backbone backbone = new Backbone("x", block, List.of(1, 1, 1, 1), 4, 1);
        try (Torch torch = Torch.start("cpu", 1)) {
            Parameters weights = weights(torch, backbone);
            ScriptBuilder constant = program(backbone, ScriptBuilder.Mode.CONSTANT_NORM);
            assertThat(constant.trained())
                    .isNotEmpty()
                    .allMatch(name -> name.contains("conv") || name.endsWith("downsample.0.weight"));
            assertThat(program(backbone, ScriptBuilder.Mode.EVAL).trained())
                    .hasSizeGreaterThan(constant.trained().size());
            try (StepScope scope = torch.newStep()) {
                List<Tensor> maps = call(torch, scope, constant, weights, "pyramid");
                List<Tensor> expected =
                        call(torch, scope, program(backbone, ScriptBuilder.Mode.EVAL), weights, "pyramid");
                for (int i = 0; i < maps.size(); i++) {
                    assertThat(maps.get(i).toDoubles())
                            .isEqualTo(expected.get(i).toDoubles());
                }
            }
        }
    }

    private static Parameters weights(Torch torch, Backbone backbone) {
        StateDictLayout layout = new StateDictLayout();
        backbone.declare(layout);
        Parameters weights = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, weights, 1);
        return weights;
    }

    private static ScriptBuilder program(Backbone backbone, ScriptBuilder.Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        backbone.write(program);
        backbone.writePyramid(program);
        return program;
    }

    private static List<Tensor> call(
            Torch torch, StepScope scope, ScriptBuilder program, Parameters weights, String function) {
        float[] pixels = new float[2 * 64 * 64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) Math.sin(i * 0.37);
        }
        return Script.compile(torch, program.text())
                .call(
                        scope,
                        function,
                        List.of(program.arguments(weights)),
                        scope.floats(FloatBuffer.wrap(pixels), 2, 1, 64, 64));
    }
}
