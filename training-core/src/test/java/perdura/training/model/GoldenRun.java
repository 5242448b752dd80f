package perdura.training.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * A fixture's tensors on the device. A test writes a function {@code golden(p)} that returns an objective and then
 * outputs; inputs are tensors of the store like the weights, so that they get gradients too.
 */
final class GoldenRun implements AutoCloseable {
    final GoldenFixture fixture;
    final ElementType type;
    final Torch torch;
    final Parameters store;

    GoldenRun(String fixture, ElementType type) {
        this.fixture = GoldenFixture.load("prior/" + fixture);
        this.type = type;
        this.torch = Torch.start("cpu", 1);
        this.store = new Parameters(torch);
        Map<String, String> stored = new LinkedHashMap<>(); // name in the fixture -> name in the store
        for (String prefix : List.of("weight.", "buffer.", "input.", "cotangent.")) {
            for (String name : this.fixture.names(prefix)) {
                stored.put(name, storedName(name));
            }
        }
        stored.forEach((name, as) -> store.add(as, this.fixture.type(name, type), this.fixture.shape(name)));
        store.copyIn(stored.entrySet().stream()
                .map(e -> this.fixture.tensor(e.getKey(), e.getValue(), type))
                .toList());
    }

    /** Weights and buffers lose their prefix, inputs and cotangents keep it. */
    static String storedName(String name) {
        return name.startsWith("weight.") || name.startsWith("buffer.") ? name.substring(7) : name;
    }

    /**
     * Runs {@code golden} of the program and compares the objective, its gradients by weights and inputs, and the outputs.
     *
     * @param outputs names of the fixture's outputs, as the function returns them after the objective
     * @param gradientTolerance of a float32 run
     */
    void check(Program program, String objective, List<String> outputs, double gradientTolerance) {
        try (Script script = Script.compile(torch, program.text());
                Gradients gradients = new Gradients(torch, store, program.trained());
                StepScope scope = torch.newStep()) {
            List<Tensor> results =
                    Gradients.record(() -> script.call(scope, "golden", List.of(program.arguments(store))));
            Gradients.backward(scope, results.get(0));
            double tolerance = type == ElementType.F64 ? 1e-9 : 1e-5;
            double expected = fixture.scalar(objective);
            assertThat(results.get(0).item()).as(objective).isCloseTo(expected, within(tolerance * Math.abs(expected)));
            for (int i = 0; i < outputs.size(); i++) {
                checkOutput(outputs.get(i), results.get(i + 1).toDoubles(), tolerance);
            }
            checkGradients(objective, gradients, type == ElementType.F64 ? 1e-9 : gradientTolerance);
        }
    }

    void checkOutput(String name, double[] actual, double tolerance) {
        double[] expected = fixture.values(name);
        assertClose(name, actual, expected, tolerance * largest(expected));
    }

    void checkGradients(String objective, Gradients gradients, double tolerance) {
        List<String> names = fixture.names("grad." + objective + ".");
        double largest = names.stream()
                .mapToDouble(name -> largest(fixture.values(name)))
                .max()
                .orElseThrow();
        for (String name : names) {
            double[] expected = fixture.values(name);
            String parameter = storedName(name.substring(("grad." + objective + ".").length()));
            double[] actual = gradients.names().contains(parameter)
                    ? gradients.tensor(parameter).toDoubles()
                    : new double[expected.length];
            assertClose(name, actual, expected, tolerance * (largest(expected) + 1e-3 * largest));
        }
    }

    static void assertClose(String name, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double tolerance) {
        return org.assertj.core.api.Assertions.within(tolerance);
    }

    static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    @Override
    public void close() {
        torch.close();
    }
}
