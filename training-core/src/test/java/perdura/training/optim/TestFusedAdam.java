package perdura.training.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.datasets.seeds.RandomStream;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.OptimizerSpec.Algorithm;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.golden.GoldenFixture;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestFusedAdam {
    /** Sets gradients: the gradient of sum(c * p) by p is c. */
    private static final String LOSS = """
            def loss(self: __torch__.Script, p: List[Tensor], c: List[Tensor]) -> Tensor:
              return torch.sum(torch.stack([torch.sum(x) for x in torch._foreach_mul(p, c)]))
            """;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void tenClippedStepsOfAdamAgreeWithPyTorch(ElementType type) {
        GoldenFixture fixture = GoldenFixture.load("prior/adam");
        JsonNode options = fixture.json().get("adam");
        OptimizerSpec spec = new OptimizerSpec(
                Algorithm.ADAM,
                options.get("beta1").asDouble(),
                options.get("beta2").asDouble(),
                options.get("eps").asDouble(),
                options.get("weight_decay").asDouble(),
                options.get("clip").asDouble());
        JsonNode scalars = fixture.json().get("scalars");
        List<String> all = strip(fixture.names("weight."), "weight.");
        List<String> trained = strip(fixture.names("step0.grad."), "step0.grad.");
        assertThat(trained).as("one parameter never has a gradient").hasSizeLessThan(all.size());
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, LOSS)) {
            fill(store, fixture, "weight.", all, type);
            try (Gradients gradients = new Gradients(store, trained);
                    GlobalNorm norm = new GlobalNorm(torch, gradients);
                    FusedAdam adam = new FusedAdam(
                            torch, spec, store, gradients, List.of(new FusedAdam.Group(trained, spec.weightDecay())))) {
                for (int step = 0; step < scalars.get("lr").size(); step++) {
                    try (StepScope scope = torch.newStep()) {
                        setGradients(fixture, "step" + step + ".grad.", script, store, gradients, scope, type);
                        double expected = scalars.get("norm").get(step).asDouble();
                        assertThat(norm.clip(scope, options.get("clip").asDouble()))
                                .isCloseTo(expected, within(expected * (type == ElementType.F64 ? 1e-9 : 1e-5)));
                        adam.step(scope, scalars.get("lr").get(step).asDouble());
                    }
                    for (String name : all) {
                        check(
                                fixture,
                                "step" + step + ".weight." + name,
                                store.tensor(name),
                                type == ElementType.F64 ? 1e-9 : 1e-5);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void tenClippedStepsOfAdamWWithTwoGroupsAgreeWithPyTorch(ElementType type) {
        GoldenFixture fixture = GoldenFixture.load("sense/optimizer");
        JsonNode config = fixture.json().get("config");
        OptimizerSpec spec = new OptimizerSpec(
                Algorithm.ADAMW,
                config.get("betas").get(0).asDouble(),
                config.get("betas").get(1).asDouble(),
                config.get("eps").asDouble(),
                config.get("weightDecay").asDouble(),
                config.get("clip").asDouble());
        JsonNode scalars = fixture.json().get("scalars");
        List<String> names = strip(fixture.names("step1.grad."), "step1.grad.");
        List<String> decayed = names.stream()
                .filter(name -> config.get("decays").get(name).asBoolean())
                .toList();
        List<String> plain =
                names.stream().filter(name -> !decayed.contains(name)).toList();
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, LOSS)) {
            fill(store, fixture, "step0.", names, type);
            try (Gradients gradients = new Gradients(store, names);
                    GlobalNorm norm = new GlobalNorm(torch, gradients);
                    FusedAdam adam = new FusedAdam(
                            torch,
                            spec,
                            store,
                            gradients,
                            List.of(new FusedAdam.Group(decayed, spec.weightDecay()), new FusedAdam.Group(plain, 0)))) {
                int steps = scalars.get("lr").size();
                for (int step = 1; step <= steps; step++) {
                    try (StepScope scope = torch.newStep()) {
                        setGradients(fixture, "step" + step + ".grad.", script, store, gradients, scope, type);
                        double expected =
                                scalars.get("gradientNorm").get(step - 1).asDouble();
                        assertThat(norm.clip(scope, config.get("clip").asDouble()))
                                .isCloseTo(expected, within(expected * 1e-4));
                        adam.step(scope, scalars.get("lr").get(step - 1).asDouble());
                    }
                    for (String name : names) {
                        check(
                                fixture,
                                "step" + step + "." + name,
                                store.tensor(name),
                                type == ElementType.F64 ? 1e-9 : 1e-4);
                    }
                }
                Map<String, HostTensor> state = new LinkedHashMap<>();
                adam.copyState().forEach(tensor -> state.put(tensor.name(), tensor));
                for (String name : fixture.names("optimizer.")) {
                    assertClose(
                            name,
                            doubles(Objects.requireNonNull(state.get(name.substring("optimizer.".length())))),
                            fixture.values(name),
                            type == ElementType.F64 ? 1e-9 : 1e-4);
                }
            }
        }
    }

    /** In float32 AdamW's factor 1 - rate * decay is rounded, by up to 3e-8 in each of the hundred steps. */
    @ParameterizedTest
    @CsvSource({"ADAM, F32, 1e-6", "ADAM, F64, 1e-12", "ADAMW, F32, 5e-6", "ADAMW, F64, 1e-12"})
    void hundredStepsAgreeWithTheTextbookInDoublePrecision(Algorithm algorithm, ElementType type, double tolerance) {
        OptimizerSpec spec = new OptimizerSpec(algorithm, 0.9, 0.999, 1e-8, 1e-2, null);
        double rate = 1e-3;
        int n = 1000;
        RandomStream random = new RandomStream(1);
        double[] p = new double[n];
        Arrays.setAll(p, i -> (float) (1 + random.nextDouble()));
        double[] m = new double[n];
        double[] v = new double[n];
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, LOSS)) {
            store.add("p", type, List.of((long) n));
            store.copyIn(List.of(host("p", p, type)));
            try (Gradients gradients = new Gradients(store, List.of("p"));
                    FusedAdam adam = new FusedAdam(
                            torch,
                            spec,
                            store,
                            gradients,
                            List.of(new FusedAdam.Group(List.of("p"), spec.weightDecay())))) {
                for (int t = 1; t <= 100; t++) {
                    double[] g = new double[n];
                    Arrays.setAll(g, i -> (float) (random.nextGaussian() * Math.pow(10, -(i % 8))));
                    textbook(spec, rate, t, p, g, m, v);
                    try (StepScope scope = torch.newStep()) {
                        gradients.clear();
                        Tensor c = scope.tensor(host("c", g, type));
                        Tensor loss = Gradients.record(() ->
                                        script.call(scope, "loss", List.of(List.of(store.tensor("p")), List.of(c))))
                                .get(0);
                        Gradients.backward(scope, loss);
                        adam.step(scope, rate);
                    }
                }
            }
            double[] actual = store.tensor("p").toDoubles();
            for (int i = 0; i < n; i++) {
                assertThat(actual[i]).as("p[%d]", i).isCloseTo(p[i], within(tolerance * Math.abs(p[i])));
            }
        }
    }

    /** A group with decay and one without, against the values that {@code make_adamw.py} got from PyTorch. */
    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void hundredStepsInSinglePrecisionAgreeWithPyTorch(Algorithm algorithm) throws Exception {
        Map<String, HostTensor> made = new LinkedHashMap<>();
        URL fixture = Objects.requireNonNull(TestFusedAdam.class.getResource("adamw.safetensors"));
        SafetensorsReader.read(Path.of(fixture.toURI())).forEach(tensor -> made.put(tensor.name(), tensor));
        HostTensor start = Objects.requireNonNull(made.get("start"));
        HostTensor gradients = Objects.requireNonNull(made.get("gradients"));
        OptimizerSpec spec = new OptimizerSpec(algorithm, 0.9, 0.999, 1e-8, 1e-2, null);
        List<String> names = List.of("decayed", "plain");
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, LOSS)) {
            for (String name : names) {
                store.add(name, ElementType.F32, start.shape());
                store.copyIn(new HostTensor(name, ElementType.F32, start.shape(), start.data()));
            }
            try (Gradients recorded = new Gradients(store, names);
                    FusedAdam adam = new FusedAdam(
                            torch,
                            spec,
                            store,
                            recorded,
                            List.of(
                                    new FusedAdam.Group(List.of("decayed"), spec.weightDecay()),
                                    new FusedAdam.Group(List.of("plain"), 0)))) {
                double[] all = doubles(gradients);
                int n = Math.toIntExact(start.shape().get(0));
                for (int from = 0; from < all.length; from += n) {
                    double[] own = Arrays.copyOfRange(all, from, from + n);
                    try (StepScope scope = torch.newStep()) {
                        recorded.clear();
                        List<Tensor> wanted = List.of(scope.tensor(host("c", own)), scope.tensor(host("d", own)));
                        Tensor loss = Gradients.record(
                                        () -> script.call(scope, "loss", List.of(store.tensors(names), wanted)))
                                .get(0);
                        Gradients.backward(scope, loss);
                        adam.step(scope, 1e-3);
                    }
                }
            }
            for (String name : names) {
                double[] expected = doubles(Objects.requireNonNull(made.get(algorithm + "." + name)));
                double[] actual = store.tensor(name).toDoubles();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(actual[i])
                            .as("%s[%d]", name, i)
                            .isCloseTo(expected[i], within(1e-6 * Math.abs(expected[i])));
                }
            }
        }
    }

    @Test
    void loadedStateGoesOnWithTheSameBits() {
        OptimizerSpec spec = new OptimizerSpec(Algorithm.ADAM, 0.9, 0.999, 1e-8, 1e-2, null);
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, LOSS)) {
            store.add("p", ElementType.F32, List.of(7L));
            try (Gradients gradients = new Gradients(store, List.of("p"));
                    FusedAdam first = adam(torch, spec, store, gradients);
                    FusedAdam second = adam(torch, spec, store, gradients)) {
                step(torch, script, store, gradients, first, 1);
                List<HostTensor> weights = store.copyOut();
                List<HostTensor> state = first.copyState();
                step(torch, script, store, gradients, first, 2);
                double[] expected = store.tensor("p").toDoubles();
                store.copyIn(weights);
                second.loadState(state);
                step(torch, script, store, gradients, second, 2);
                assertThat(store.tensor("p").toDoubles()).containsExactly(expected);
            }
        }
    }

    @Test
    void stateOfAnotherModelIsRefused() {
        OptimizerSpec spec = new OptimizerSpec(Algorithm.ADAM, 0.9, 0.999, 1e-8, 0, null);
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch)) {
            store.add("p", ElementType.F32, List.of(7L));
            try (Gradients gradients = new Gradients(store, List.of("p"));
                    FusedAdam adam = adam(torch, spec, store, gradients)) {
                assertThatThrownBy(() -> adam.loadState(List.of(host("exp_avg.p", new double[6]))))
                        .isInstanceOf(PerduraException.class)
                        .hasMessageContainingAll("exp_avg.p", "F32[7]", "F32[6]");
            }
        }
    }

    @Test
    void notFiniteGradientsAreNamed() {
        try (Torch torch = Torch.start("cpu", 1);
                Parameters store = new Parameters(torch);
                Script script = Script.compile(torch, LOSS)) {
            store.add("good", ElementType.F32, List.of(2L));
            store.add("bad", ElementType.F32, List.of(2L));
            try (Gradients gradients = new Gradients(store, store.names());
                    GlobalNorm norm = new GlobalNorm(torch, gradients);
                    StepScope scope = torch.newStep()) {
                Tensor one = scope.floats(FloatBuffer.wrap(new float[] {3, 4}), 2);
                Tensor nan = scope.floats(FloatBuffer.wrap(new float[] {1, Float.NaN}), 2);
                Tensor loss = Gradients.record(() ->
                                script.call(scope, "loss", List.of(store.tensors(store.names()), List.of(one, nan))))
                        .get(0);
                Gradients.backward(scope, loss);
                assertThat(norm.measure(scope)).isNaN();
                assertThat(norm.findNotFinite(scope)).containsExactly("bad");
                gradients.clear();
                assertThat(norm.measure(scope)).isZero();
            }
        }
    }

    private static FusedAdam adam(Torch torch, OptimizerSpec spec, Parameters store, Gradients gradients) {
        return new FusedAdam(torch, spec, store, gradients, List.of(new FusedAdam.Group(List.of("p"), 0.01)));
    }

    private static void step(
            Torch torch, Script script, Parameters store, Gradients gradients, FusedAdam adam, int seed) {
        RandomStream random = new RandomStream(seed);
        double[] g = new double[7];
        Arrays.setAll(g, i -> random.nextGaussian());
        try (StepScope scope = torch.newStep()) {
            gradients.clear();
            Tensor c = scope.tensor(host("c", g));
            Tensor loss = Gradients.record(
                            () -> script.call(scope, "loss", List.of(List.of(store.tensor("p")), List.of(c))))
                    .get(0);
            Gradients.backward(scope, loss);
            adam.step(scope, 0.1);
        }
    }

    /** Kingma and Ba, algorithm 1; Loshchilov and Hutter, algorithm 2, with the decay scaled by the rate alone. */
    private static void textbook(
            OptimizerSpec spec, double rate, int t, double[] p, double[] gradient, double[] m, double[] v) {
        for (int i = 0; i < p.length; i++) {
            double g = gradient[i];
            if (spec.algorithm() == Algorithm.ADAM) {
                g += spec.weightDecay() * p[i];
            } else {
                p[i] -= rate * spec.weightDecay() * p[i];
            }
            m[i] = spec.beta1() * m[i] + (1 - spec.beta1()) * g;
            v[i] = spec.beta2() * v[i] + (1 - spec.beta2()) * g * g;
            double mean = m[i] / (1 - Math.pow(spec.beta1(), t));
            double square = v[i] / (1 - Math.pow(spec.beta2(), t));
            p[i] -= rate * mean / (Math.sqrt(square) + spec.epsilon());
        }
    }

    private static void fill(
            Parameters store, GoldenFixture fixture, String prefix, List<String> names, ElementType type) {
        List<HostTensor> values = new ArrayList<>();
        for (String name : names) {
            store.add(name, type, fixture.shape(prefix + name));
            values.add(fixture.tensor(prefix + name, name, type));
        }
        store.copyIn(values);
    }

    private static void setGradients(
            GoldenFixture fixture,
            String prefix,
            Script script,
            Parameters store,
            Gradients gradients,
            StepScope scope,
            ElementType type) {
        gradients.clear();
        List<Tensor> wanted = gradients.names().stream()
                .map(name -> scope.tensor(fixture.tensor(prefix + name, name, type)))
                .toList();
        Tensor loss = Gradients.record(
                        () -> script.call(scope, "loss", List.of(store.tensors(gradients.names()), wanted)))
                .get(0);
        Gradients.backward(scope, loss);
    }

    private static void check(GoldenFixture fixture, String name, Tensor tensor, double tolerance) {
        assertClose(name, tensor.toDoubles(), fixture.values(name), tolerance);
    }

    private static void assertClose(String name, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(tolerance * largest));
        }
    }

    private static List<String> strip(List<String> names, String prefix) {
        return names.stream().map(name -> name.substring(prefix.length())).toList();
    }

    private static HostTensor host(String name, double[] values) {
        return host(name, values, ElementType.F32);
    }

    private static HostTensor host(String name, double[] values, ElementType type) {
        ByteBuffer bytes = ByteBuffer.allocate(type.sizeBytes() * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            if (type == ElementType.F32) {
                bytes.putFloat((float) value);
            } else {
                bytes.putDouble(value);
            }
        }
        return new HostTensor(name, type, List.of((long) values.length), bytes.flip());
    }

    private static double[] doubles(HostTensor tensor) {
        ByteBuffer data = tensor.data();
        double[] values = new double[data.remaining() / tensor.type().sizeBytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.type() == ElementType.F32 ? data.getFloat(4 * i) : data.getDouble(8 * i);
        }
        return values;
    }
}
