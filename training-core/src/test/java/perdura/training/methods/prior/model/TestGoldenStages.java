package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.OptimizerSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.GumbelTemperature;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec.TauSchedule;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.StateDictLayout;
import perdura.training.optim.FusedAdam;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The whole of each stage over its optimiser steps; tolerances: the README of the fixtures. Float64 agrees with PyTorch to 1e-9 from the
 * first step to the last. Float32 cannot: Adam divides by the gradient's own size, so where a gradient is little more than rounding (the
 * shift of a channel before BatchNorm has none at all) the sign of the rounding decides in which direction a weight moves by the learning
 * rate, and each kind of CPU rounds in its own way. In PyTorch itself, moving the weights of a fixture by 6e-8 moves statistics of
 * BatchNorm by 1e-3 after two such steps. So each float32 step begins where the float64 run stands, which leaves one step's rounding, and
 * weights of whole float32 runs are held to what Adam can do to them.
 */
class TestGoldenStages {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void float64AgreesOverAllSteps(int stage) {
        GoldenFixture fixture = fixture(stage);
        try (Torch torch = Torch.start("cpu", 1);
                StageRun run = new StageRun(torch, fixture, stage, ElementType.F64)) {
            for (int step = 0; step < steps(fixture); step++) {
                int at = step;
                if (!run.step(step, result -> agrees(run, at, result))) {
                    return; // what follows hangs on which of two best matchings was taken
                }
            }
            checkAfter(run);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void float32AgreesInEachStep(int stage) {
        GoldenFixture fixture = fixture(stage);
        try (Torch torch = Torch.start("cpu", 1);
                StageRun exact = new StageRun(torch, fixture, stage, ElementType.F64);
                StageRun single = new StageRun(torch, fixture, stage, ElementType.F32)) {
            for (int step = 0; step < steps(fixture); step++) {
                int at = step;
                single.startFrom(exact);
                if (!exact.step(step, result -> !hasOtherMatching(exact, at, result))) {
                    return;
                }
                if (single.step(step, result -> agrees(single, at, result))) {
                    checkBuffers(single, name -> exact.store.tensor(name).toDoubles());
                }
            }
        }
    }

    /**
     * A step of Adam is at most the learning rate times 1.01: by Cauchy and Schwarz, |m|/sqrt(v) of step t is at most the square root of
     * the sum of a_i^2/b_i, where a_i and b_i are the shares of gradient i in both moments; 1, 1.0014 and 1.0073 for t = 1, 2 and 3. Two
     * runs differ by twice that.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void float32WeightsGoNoFartherThanAdamCarriesThem(int stage) {
        GoldenFixture fixture = fixture(stage);
        try (Torch torch = Torch.start("cpu", 1);
                StageRun exact = new StageRun(torch, fixture, stage, ElementType.F64);
                StageRun single = new StageRun(torch, fixture, stage, ElementType.F32)) {
            double rates = 0;
            for (int step = 0; step < Math.min(steps(fixture), 3); step++) {
                exact.step(step, result -> true);
                single.step(step, result -> true);
                rates += fixture.scalar("step" + step + ".lr");
            }
            for (String parameter : exact.layout.parameterNames()) {
                double[] expected = exact.store.tensor(parameter).toDoubles();
                double bound = exact.gradients.names().contains(parameter) ? 2 * 1.01 * rates : 0;
                GoldenRun.assertClose(
                        parameter,
                        single.store.tensor(parameter).toDoubles(),
                        expected,
                        bound + 1e-6 * Math.max(1, GoldenRun.largest(expected)));
            }
        }
    }

    private static GoldenFixture fixture(int stage) {
        GoldenFixture fixture = GoldenFixture.load("prior/whole_stage" + stage);
        assertThat(fixture.json().get("loss_weights").size())
                .isEqualTo(List.of(3, 4, 8).get(stage - 1));
        return fixture;
    }

    private static int steps(GoldenFixture fixture) {
        return fixture.names("step").stream()
                .mapToInt(name -> Integer.parseInt(name.substring(4, name.indexOf('.'))) + 1)
                .max()
                .orElseThrow();
    }

    /** The model of a fixture in one precision, at the fixture's start. */
    private static final class StageRun implements AutoCloseable {
        final GoldenFixture fixture;
        final int stage;
        final ElementType type;
        final Torch torch;
        final StateDictLayout layout;
        final Parameters store;
        final StageForward forward;
        final Gradients gradients;
        final FusedAdam adam;
        final LogScaleCap cap;

        StageRun(Torch torch, GoldenFixture fixture, int stage, ElementType type) {
            Prior prior = new Prior(fixture.modelSpec(), fixture.vocabulary());
            this.fixture = fixture;
            this.stage = stage;
            this.type = type;
            this.torch = torch;
            this.layout = prior.layout();
            this.store = layout.allocate(torch, type);
            this.forward = new StageForward(torch, store, prior, PriorSpecs.stage(stage, 1), Mode.TRAIN);
            this.gradients = new Gradients(store, forward.trained());
            this.adam = adam(fixture, torch, store, gradients);
            this.cap = new LogScaleCap(torch, store, prior.spec().maxScale());
            store.copyIn(state(fixture, "weight.", "buffer.", type));
        }

        /** Takes the weights and buffers of another run, rounded. */
        void startFrom(StageRun other) {
            store.copyIn(other.store.copyOut().stream().map(this::rounded).toList());
        }

        private HostTensor rounded(HostTensor tensor) {
            if (tensor.type() == ElementType.I64) {
                return tensor;
            }
            ByteBuffer from = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer to = ByteBuffer.allocate(from.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
            while (from.hasRemaining()) {
                to.putFloat((float) from.getDouble());
            }
            return new HostTensor(tensor.name(), ElementType.F32, tensor.shape(), to.flip());
        }

        /**
         * One optimiser step.
         *
         * @param check looks at the losses and, in the run, at the gradients; says whether the step goes on to the optimiser
         * @return what the check said
         */
        boolean step(int step, Predicate<StageForward.Result> check) {
            try (StepScope scope = torch.newStep()) {
                gradients.clear();
                List<Tensor> batch = batch(fixture, step, scope, type);
                StageNoise noise = noise(fixture, step, scope, type);
                double tau = tau(fixture, step);
                StageForward.Result result = Gradients.record(() -> forward.run(scope, batch, noise, tau));
                Gradients.backward(scope, result.total());
                boolean goesOn = check.test(result);
                if (goesOn) {
                    adam.step(scope, fixture.scalar("step" + step + ".lr"));
                    cap.apply(scope);
                }
                return goesOn;
            }
        }

        /** The tolerance of this precision. */
        double within(double float32) {
            return type == ElementType.F64 ? 1e-9 : float32;
        }

        @Override
        public void close() {
            cap.close();
            adam.close();
            gradients.close();
            forward.close();
            store.close();
        }
    }

    /** Compares a step with PyTorch's; false if that took another matching of the same cost, with which nothing can be compared. */
    private static boolean agrees(StageRun run, int step, StageForward.Result result) {
        if (hasOtherMatching(run, step, result)) {
            return false;
        }
        checkScalars(run, step, result);
        if (step == 0) {
            checkTensors(run, result);
            checkGradients(run);
        }
        return true;
    }

    /** The temperature of the schedule, which must be the fixture's. */
    private static double tau(GoldenFixture fixture, int step) {
        JsonNode schedule = fixture.json().get("tau_schedule");
        if (schedule.get("first_step").isNull()) {
            return 1;
        }
        double tau = new GumbelTemperature(
                        TauSchedule.EXPONENTIAL,
                        schedule.get("total").asLong(),
                        schedule.get("start").asDouble(),
                        schedule.get("end").asDouble())
                .tau(schedule.get("first_step").asLong() + step);
        assertThat(tau).isCloseTo(fixture.scalar("step" + step + ".tau"), within(1e-15));
        return tau;
    }

    private static StageNoise noise(GoldenFixture fixture, int step, StepScope scope, ElementType type) {
        return new StageNoise(
                tensorOrNull(fixture, "step" + step + ".noise.spb", scope, type),
                tensorOrNull(fixture, "step" + step + ".noise.requery", scope, type),
                tensorOrNull(fixture, "step" + step + ".keep", scope, type));
    }

    private static @Nullable Tensor tensorOrNull(
            GoldenFixture fixture, String name, StepScope scope, ElementType type) {
        return fixture.names(name).isEmpty() ? null : scope.tensor(fixture.tensor(name, name, type));
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

    private static List<Tensor> batch(GoldenFixture fixture, int step, StepScope scope, ElementType type) {
        return List.of("images", "ids", "attention_mask", "sentence_map").stream()
                .map(input -> "step" + step + ".input." + input)
                .map(name -> scope.tensor(fixture.tensor(name, name, type)))
                .toList();
    }

    private static void checkScalars(StageRun run, int step, StageForward.Result result) {
        double tolerance = run.within(1e-4);
        checkScalar(run.fixture, "step" + step + ".total", result.total().item(), tolerance);
        run.fixture.json().get("loss_weights").fieldNames().forEachRemaining(term -> {
            String figure = "loss_" + (term.equals("glob") ? "global" : term);
            checkScalar(
                    run.fixture,
                    "step" + step + ".loss." + term,
                    result.figures().getOrDefault(figure, Double.NaN),
                    tolerance);
        });
    }

    private static void checkScalar(GoldenFixture fixture, String name, double actual, double tolerance) {
        assertThat(actual)
                .as(name)
                .isCloseTo(fixture.scalar(name), within(tolerance * Math.max(1, Math.abs(fixture.scalar(name)))));
    }

    private static void checkTensors(StageRun run, StageForward.Result result) {
        for (String name : run.fixture.names("output.")) {
            double[] expected = run.fixture.values(name);
            if (name.equals("output.pi")) { // the inverse of the inverse
                continue;
            }
            double[] actual = Objects.requireNonNull(result.tensors().get(name.substring("output.".length())), name)
                    .toDoubles();
            if (name.equals("output.inverse") || name.equals("output.aligned")) {
                int[] sentences = sentences(run.fixture, 0);
                GoldenRun.checkMatched(run.fixture, name, actual, sample -> sentences[sample], run.within(1e-4));
            } else {
                GoldenRun.assertClose(name, actual, expected, run.within(1e-4) * GoldenRun.largest(expected));
            }
        }
    }

    /** Sentences of each sample of a step. */
    private static int[] sentences(GoldenFixture fixture, int step) {
        double[] map = fixture.values("step" + step + ".input.sentence_map");
        int[] sentences = new int
                [Math.toIntExact(
                        fixture.shape("step" + step + ".input.sentence_map").get(0))];
        for (int i = 0; i < map.length; i++) {
            int sample = i / (map.length / sentences.length);
            sentences[sample] = Math.max(sentences[sample], (int) map[i]);
        }
        return sentences;
    }

    /**
     * Whether PyTorch took another matching of the same cost. L1 distances have such ties after a step of Adam, between sentences
     * with one prototype and between any two targets on one side of two queries; rounding then decides.
     */
    private static boolean hasOtherMatching(StageRun run, int step, StageForward.Result result) {
        if (run.stage < 3 || step == 0) {
            return false;
        }
        double expected = run.fixture.scalar("step" + step + ".loss.kl");
        double kl = result.figures().getOrDefault("loss_kl", Double.NaN);
        return Math.abs(kl - expected) > run.within(1e-4)
                && hasTwoBestMatchings(
                        result, sentences(run.fixture, step), run.type == ElementType.F64 ? 1e-12 : 1e-5);
    }

    /** Whether a matching that differs at real sentences costs no more than a share {@code near} above the best. */
    private static boolean hasTwoBestMatchings(StageForward.Result result, int[] sentences, double near) {
        Tensor cost = Objects.requireNonNull(result.tensors().get("cost"));
        int queries = Math.toIntExact(cost.shape().get(1));
        double[] costs = cost.toDoubles();
        for (int sample = 0; sample < sentences.length; sample++) {
            int offset = sample * queries * queries;
            long[] best = new LinearAssignment(queries).solve(costs, sample).clone();
            double least = TestLinearAssignment.cheapest(costs, offset, queries, 0, 0);
            for (int target = 0; target < Math.min(sentences[sample], queries); target++) {
                double[] without = costs.clone(); // this target must have another query
                without[offset + (int) best[target] * queries + target] = 1e6;
                double other = TestLinearAssignment.cheapest(without, offset, queries, 0, 0);
                if (other - least < near * least) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void checkGradients(StageRun run) {
        List<String> names = run.fixture.names("grad.total.");
        double largest = names.stream()
                .mapToDouble(name -> GoldenRun.largest(run.fixture.values(name)))
                .max()
                .orElseThrow();
        for (String name : names) {
            double[] expected = run.fixture.values(name);
            GoldenRun.assertClose(
                    name,
                    run.gradients
                            .tensor(name.substring("grad.total.weight.".length()))
                            .toDoubles(),
                    expected,
                    run.within(run.stage == 3 ? 2e-4 : 1e-4) * (GoldenRun.largest(expected) + 1e-3 * largest));
        }
        List<String> untouched = new ArrayList<>();
        run.fixture.json().get("parameters_without_gradient").forEach(name -> untouched.add(name.asText()));
        assertThat(run.gradients.names()).doesNotContainAnyElementsOf(untouched);
        assertThat(run.gradients.names().size() + untouched.size())
                .isEqualTo(run.layout.parameterNames().size());
    }

    private static void checkBuffers(StageRun run, Function<String, double[]> expectedOf) {
        for (String name : run.fixture.names("after.buffer.")) {
            String buffer = name.substring("after.buffer.".length());
            double[] expected = expectedOf.apply(buffer);
            GoldenRun.assertClose(
                    name,
                    run.store.tensor(buffer).toDoubles(),
                    expected,
                    run.within(1e-5) * GoldenRun.largest(expected));
        }
    }

    private static void checkAfter(StageRun run) {
        checkBuffers(run, buffer -> run.fixture.values("after.buffer." + buffer));
        Set<String> weights = Set.copyOf(run.fixture.names("after.weight."));
        for (String parameter : run.layout.parameterNames()) {
            String after = "after.weight." + parameter;
            GoldenRun.assertClose(
                    parameter,
                    run.store.tensor(parameter).toDoubles(),
                    run.fixture.values(weights.contains(after) ? after : "weight." + parameter),
                    1e-9);
        }
    }
}
