package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.nn.ScriptBuilder;
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
    void check(ScriptBuilder program, String objective, List<String> outputs, double gradientTolerance) {
        check(program, objective, outputs, gradientTolerance, type == ElementType.F64 ? 1e-9 : 1e-5);
    }

    /** @param tolerance of objective and outputs */
    void check(
            ScriptBuilder program, String objective, List<String> outputs, double gradientTolerance, double tolerance) {
        check(
                program,
                objective,
                outputs,
                gradientTolerance,
                tolerance,
                (script, scope) -> script.call(scope, "golden", List.of(program.arguments(store))));
    }

    /** As {@link #check}; the function {@code golden} gets what {@code decode} gave and the matching by its last result. */
    void checkMatched(ScriptBuilder program, String objective, List<String> outputs, double gradientTolerance) {
        double tolerance = type == ElementType.F64 ? 1e-9 : 1e-5;
        check(program, objective, outputs, gradientTolerance, tolerance, (script, scope) -> {
            List<Tensor> arguments = program.arguments(store);
            List<Tensor> decoded = script.call(scope, "decode", List.of(arguments));
            Tensor inverse = StageForward.match(scope, decoded.get(decoded.size() - 1));
            return script.call(scope, "golden", List.of(arguments, decoded), inverse);
        });
    }

    /** The results of {@code golden} without gradients; they live until the run is closed. */
    List<Tensor> evaluate(ScriptBuilder program) {
        return Script.compile(torch, program.text()).call(torch.newStep(), "golden", List.of(program.arguments(store)));
    }

    private void check(
            ScriptBuilder program,
            String objective,
            List<String> outputs,
            double gradientTolerance,
            double tolerance,
            BiFunction<Script, StepScope, List<Tensor>> forward) {
        try (Script script = Script.compile(torch, program.text());
                Gradients gradients = new Gradients(store, program.trained());
                StepScope scope = torch.newStep()) {
            List<Tensor> results = Gradients.record(() -> forward.apply(script, scope));
            Gradients.backward(scope, results.get(0));
            double expected = fixture.scalar(objective);
            assertThat(results.get(0).item()).as(objective).isCloseTo(expected, within(tolerance * size(objective)));
            for (int i = 0; i < outputs.size(); i++) {
                checkOutput(outputs.get(i), results.get(i + 1).toDoubles(), tolerance);
            }
            checkGradients(objective, gradients, type == ElementType.F64 ? 1e-9 : gradientTolerance);
        }
    }

    /** What rounding of an objective is relative to: its value, or, in float32, the size of the terms that it sums up. */
    private double size(String objective) {
        if (type == ElementType.F64 || !objective.equals("functional")) {
            return Math.abs(fixture.scalar(objective));
        }
        double size = 0;
        for (String cotangent : fixture.names("cotangent.")) {
            double[] coefficients = fixture.values(cotangent);
            double[] values = fixture.values("output." + cotangent.substring("cotangent.".length()));
            for (int i = 0; i < values.length; i++) {
                size += Math.abs(coefficients[i] * values[i]);
            }
        }
        return size;
    }

    void checkOutput(String name, double[] actual, double tolerance) {
        if (name.equals("output.inverse") || name.equals("output.aligned")) {
            double[] counts = fixture.values("input.sentence_count");
            checkMatched(fixture, name, actual, sample -> (int) counts[sample], tolerance);
            return;
        }
        double[] expected = fixture.values(name);
        assertClose(name, actual, expected, tolerance * largest(expected));
    }

    /**
     * Compares what follows from a matching, [B, Q] or [B, Q, dim], at real sentences alone: targets at pads are equal, so any
     * of the queries that are left is right there.
     */
    static void checkMatched(
            GoldenFixture fixture, String name, double[] actual, IntUnaryOperator sentences, double tolerance) {
        double[] expected = fixture.values(name);
        List<Long> shape = fixture.shape(name);
        int queries = Math.toIntExact(shape.get(1));
        int width = shape.size() == 3 ? Math.toIntExact(shape.get(2)) : 1;
        assertThat(actual).as(name).hasSameSizeAs(expected);
        for (int sample = 0; sample < shape.get(0); sample++) {
            int begin = sample * queries * width;
            int end = begin + Math.min(sentences.applyAsInt(sample), queries) * width;
            assertClose(
                    name + " of sample " + sample,
                    Arrays.copyOfRange(actual, begin, end),
                    Arrays.copyOfRange(expected, begin, end),
                    tolerance * largest(expected));
        }
    }

    /** Compares BatchNorm's buffers with those that PyTorch had after one pass. */
    void checkBuffers() {
        List<String> after = fixture.names("after.buffer.");
        assertThat(after).isNotEmpty();
        for (String name : after) {
            checkOutput(
                    name,
                    store.tensor(name.substring("after.buffer.".length())).toDoubles(),
                    type == ElementType.F64 ? 1e-9 : 1e-5);
        }
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

    /** Both directions of LAM, and a function {@code lam} that gives A_s, A_v, V_hat and S_hat. */
    static void writeLam(LocalAlignment lam, ScriptBuilder program) {
        lam.writeSentences(program);
        lam.writePatches(program);
        program.function("lam", "v: Tensor, s: Tensor, valid: Tensor", "List[Tensor]", """
                a_s, v_hat, = self.lam_sentences(p, v, s, valid)
                a_v, s_hat, = self.lam_patches(p, v, s, valid)
                return [a_s, a_v, v_hat, s_hat]
                """);
    }

    static void writeLosses(LocalLosses losses, ScriptBuilder program) {
        losses.writeImageToReport(program);
        losses.writeReportToImage(program);
    }
}
