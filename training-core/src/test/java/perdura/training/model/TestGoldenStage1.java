package perdura.training.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.OptimizerSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.model.Program.Mode;
import perdura.training.optim.FusedAdam;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** The whole of stage 1, three optimiser steps; tolerances: the README of the fixtures. */
class TestGoldenStage1 {
    private static final List<String> TENSORS = List.of("v_g", "v", "x", "s", "t_g", "a_s", "a_v", "v_hat", "s_hat");
    private static final List<String> SCALARS = List.of("total", "loss.glob", "loss.i2r", "loss.r2i");

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void threeStepsAgreeWithPyTorch(ElementType type) {
        GoldenFixture fixture = GoldenFixture.load("prior/whole_stage1");
        Prior prior = new Prior(fixture.modelSpec(), fixture.vocabulary());
        Layout layout = prior.layout();
        Program program = prior.stage1(Mode.TRAIN);
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = layout.allocate(torch, type);
                Script script = Script.compile(torch, program.text());
                Gradients gradients = new Gradients(torch, store, program.trained());
                FusedAdam adam = adam(fixture, torch, store, gradients);
                LogScaleCap cap = new LogScaleCap(torch, store)) {
            store.copyIn(state(fixture, "weight.", "buffer.", type));
            int steps = fixture.names("step").stream()
                    .mapToInt(name -> Integer.parseInt(name.substring(4, name.indexOf('.'))) + 1)
                    .max()
                    .orElseThrow();
            for (int step = 0; step < steps; step++) {
                try (StepScope scope = torch.newStep()) {
                    gradients.zero(scope);
                    Tensor[] batch = batch(fixture, step, scope, type);
                    List<Tensor> results = Gradients.record(
                            () -> script.call(scope, "stage1_tensors", List.of(program.arguments(store)), batch));
                    Gradients.backward(scope, results.get(TENSORS.size()));
                    checkScalars(fixture, step, results, type);
                    if (step == 0) {
                        checkTensors(fixture, results, type);
                        checkGradients(fixture, layout, gradients, type);
                    }
                    adam.step(scope, fixture.scalar("step" + step + ".lr"));
                    cap.apply(scope);
                }
            }
            checkAfter(fixture, layout, store, type);
        }
    }

    private static FusedAdam adam(GoldenFixture fixture, Torch torch, Parameters store, Gradients gradients) {
        JsonNode adam = fixture.json().get("adam");
        OptimizerSpec spec = new OptimizerSpec(
                OptimizerSpec.Algorithm.ADAM,
                adam.get("beta1").asDouble(),
                adam.get("beta2").asDouble(),
                adam.get("eps").asDouble(),
                adam.get("weight_decay").asDouble(),
                null);
        return new FusedAdam(
                torch, spec, store, gradients, List.of(new FusedAdam.Group(gradients.names(), spec.weightDecay())));
    }

    private static List<HostTensor> state(GoldenFixture fixture, String weight, String buffer, ElementType type) {
        List<HostTensor> tensors = new ArrayList<>();
        for (String prefix : List.of(weight, buffer)) {
            for (String name : fixture.names(prefix)) {
                tensors.add(fixture.tensor(name, name.substring(prefix.length()), type));
            }
        }
        return tensors;
    }

    private static Tensor[] batch(GoldenFixture fixture, int step, StepScope scope, ElementType type) {
        return List.of("images", "ids", "attention_mask", "sentence_map").stream()
                .map(input -> "step" + step + ".input." + input)
                .map(name -> scope.tensor(fixture.tensor(name, name, type)))
                .toArray(Tensor[]::new);
    }

    private static void checkScalars(GoldenFixture fixture, int step, List<Tensor> results, ElementType type) {
        for (int i = 0; i < SCALARS.size(); i++) {
            String name = "step" + step + "." + SCALARS.get(i);
            double tolerance = type == ElementType.F64 ? 1e-9 : 1e-4;
            assertThat(results.get(TENSORS.size() + i).item())
                    .as(name)
                    .isCloseTo(fixture.scalar(name), within(tolerance * Math.max(1, Math.abs(fixture.scalar(name)))));
        }
    }

    private static void checkTensors(GoldenFixture fixture, List<Tensor> results, ElementType type) {
        assertThat(fixture.names("output.")).hasSize(TENSORS.size());
        for (int i = 0; i < TENSORS.size(); i++) {
            String name = "output." + TENSORS.get(i);
            double[] expected = fixture.values(name);
            double tolerance = (type == ElementType.F64 ? 1e-9 : 1e-4) * GoldenRun.largest(expected);
            GoldenRun.assertClose(name, results.get(i).toDoubles(), expected, tolerance);
        }
    }

    private static void checkGradients(GoldenFixture fixture, Layout layout, Gradients gradients, ElementType type) {
        List<String> names = fixture.names("grad.total.");
        double largest = names.stream()
                .mapToDouble(name -> GoldenRun.largest(fixture.values(name)))
                .max()
                .orElseThrow();
        for (String name : names) {
            double[] expected = fixture.values(name);
            double tolerance = type == ElementType.F64 ? 1e-9 : 1e-4;
            GoldenRun.assertClose(
                    name,
                    gradients
                            .tensor(name.substring("grad.total.weight.".length()))
                            .toDoubles(),
                    expected,
                    tolerance * (GoldenRun.largest(expected) + 1e-3 * largest));
        }
        List<String> untouched = new ArrayList<>();
        fixture.json().get("parameters_without_gradient").forEach(name -> untouched.add(name.asText()));
        assertThat(gradients.names()).doesNotContainAnyElementsOf(untouched);
        assertThat(gradients.names().size() + untouched.size())
                .isEqualTo(layout.parameterNames().size());
    }

    private static void checkAfter(GoldenFixture fixture, Layout layout, Parameters store, ElementType type) {
        for (String name : fixture.names("after.buffer.")) {
            double[] expected = fixture.values(name);
            GoldenRun.assertClose(
                    name,
                    store.tensor(name.substring("after.buffer.".length())).toDoubles(),
                    expected,
                    (type == ElementType.F64 ? 1e-9 : 1e-4) * GoldenRun.largest(expected));
        }
        Set<String> weights = Set.copyOf(fixture.names("after.weight."));
        for (String parameter : layout.parameterNames()) {
            double[] now = store.tensor(parameter).toDoubles();
            if (!weights.contains("after.weight." + parameter)) {
                GoldenRun.assertClose(parameter, now, fixture.values("weight." + parameter), 1e-7);
            } else if (type == ElementType.F64) { // float32 is not compared: see the README
                GoldenRun.assertClose(parameter, now, fixture.values("after.weight." + parameter), 1e-9);
            }
        }
    }
}
