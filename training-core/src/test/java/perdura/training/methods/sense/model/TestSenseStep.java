package perdura.training.methods.sense.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.LossSpec.SameStudyKeys;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.methods.sense.spec.SenseSpec.LossWeights;
import perdura.training.nn.Init;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestSenseStep {
    private static final int STUDIES = 4;

    private Torch torch;
    private StepScope scope;

    @BeforeEach
    void start() {
        torch = Torch.start("cpu", 1);
        scope = torch.newStep();
    }

    @AfterEach
    void stop() {
        torch.close();
    }

    /** A model in double with what belongs to it. */
    private final class Model {
        final SenseSpec spec;
        final Sense sense;
        final Parameters parameters;
        final MomentumWeights momentum;
        final Rings rings;
        final SenseStep step;
        final Gradients gradients;

        Model(LossSpec losses, LossWeights weights, boolean uniProjectors, Mode mode) {
            this(TinySense.model(uniProjectors), losses, weights, mode);
        }

        Model(ModelSpec model, LossSpec losses, LossWeights weights, Mode mode) {
            spec = TinySense.spec(model, losses, weights);
            sense = new Sense(model, TinySense.VOCABULARY);
            parameters = sense.layout().allocate(torch, ElementType.F64);
            Initializer.fill(torch, sense.layout(), parameters, 7);
            momentum = new MomentumWeights(torch, sense, parameters, spec.momentum());
            rings = new Rings(torch, spec, ElementType.F64);
            SenseEncoder encoder = new SenseEncoder(torch, momentum.parameters(), sense);
            step = new SenseStep(torch, sense, spec, parameters, encoder, mode);
            gradients = new Gradients(parameters, step.trained());
        }

        SenseStep.Result run(@Nullable EpochClusters clusters, int... sizes) {
            gradients.clear();
            List<SenseStep.Chunk> chunks = new ArrayList<>();
            int begin = 0;
            for (int size : sizes) {
                chunks.add(new SenseStep.Chunk(view(1, begin, size), view(2, begin, size)));
                begin += size;
            }
            return step.run(scope, chunks, studies(), rings, clusters, pass -> 100 + pass);
        }

        Map<String, double[]> gradientsByName() {
            Map<String, double[]> all = new LinkedHashMap<>();
            gradients
                    .names()
                    .forEach(name -> all.put(name, gradients.tensor(name).toDoubles()));
            return all;
        }
    }

    private static final LossWeights ALL = new LossWeights(1, 0.5, 0.7);

    private Tensor studies() {
        return scope.tensor(SenseFixture.host("studies", ElementType.I64, new double[] {4, 0, 2, 3}, STUDIES));
    }

    private EpochClusters clusters() {
        return new EpochClusters(
                torch,
                SenseFixture.host("y", ElementType.I64, new double[] {0, 1, 2, 0, 1}, 5),
                SenseFixture.host(
                        "c",
                        ElementType.F64,
                        new double[] {1, 0, 0, 0, 0, 0, 0.6, 0.8, 0, 0, 0, 0, 0, 0.8, -0.6},
                        3,
                        5),
                SenseFixture.host("phi", ElementType.F64, new double[] {0.15, 0.15, 0.15}, 3));
    }

    /** Images that are drawn by study and view; reports of one to three of seven sentences. */
    private SenseStep.View view(int number, int begin, int size) {
        double[] images = IntStream.range(begin, begin + size)
                .mapToObj(study -> new SplittableRandom(10L * study + number))
                .flatMapToDouble(random -> random.doubles(3 * 32 * 32, -1, 1))
                .toArray();
        List<List<Integer>> ids = new ArrayList<>();
        List<List<Integer>> masks = new ArrayList<>();
        for (int sentence = 0; sentence < 7; sentence++) {
            ids.add(List.of(2, 5 + sentence, 6 + sentence, 3));
            masks.add(List.of(1, 1, 1, 1));
        }
        List<List<Integer>> places = IntStream.range(begin, begin + size)
                .mapToObj(study -> IntStream.rangeClosed(0, study % 3)
                        .mapToObj(m -> (study * number + 2 * m) % 7)
                        .toList())
                .toList();
        return new SenseStep.View(
                scope.tensor(SenseFixture.host("x", ElementType.F64, images, size, 3, 32, 32)),
                new ReportTensors(
                        List.of(SenseFixture.table(scope, ids, 0)),
                        List.of(SenseFixture.table(scope, masks, 0)),
                        SenseFixture.table(scope, places, 7)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void chunksGiveTheGradientsOfTheWholeBatch(boolean isSymmetric) {
        LossSpec losses = new LossSpec(
                0.1, 0.15, true, SameStudyKeys.DROP, true, MmcForm.QUEUE_LABEL, MmcAnchor.FUSED, isSymmetric);
        Model model = new Model(losses, ALL, true, Mode.EVAL);
        SenseStep.Result whole = model.run(clusters(), STUDIES);
        Map<String, double[]> expected = model.gradientsByName();
        SenseStep.Result cut = model.run(clusters(), 1, 3);
        assertThat(cut.figures().keySet()).isEqualTo(whole.figures().keySet());
        whole.figures()
                .forEach((name, value) ->
                        assertThat(cut.figures().get(name)).as(name).isCloseTo(value, within(1e-9)));
        for (int i = 0; i < 4; i++) {
            SenseFixture.assertClose(
                    "keys", cut.keys().get(i).toDoubles(), whole.keys().get(i).toDoubles(), 1e-9);
        }
        Map<String, double[]> found = model.gradientsByName();
        expected.forEach((name, values) ->
                SenseFixture.assertClose(name, Objects.requireNonNull(found.get(name)), values, 1e-9));
        assertThat(expected.values().stream()
                        .flatMapToDouble(Arrays::stream)
                        .map(Math::abs)
                        .sum())
                .isGreaterThan(1e-3);
    }

    @Test
    void chunksMoveTheStatisticsOnceEachAndDrawTheSameDropoutInBothPasses() {
        Model model = new Model(TinySense.withDropout(0.3), TinySense.LOSSES, ALL, Mode.TRAIN);
        Map<String, Double> first = model.run(clusters(), 2, 2).figures();
        assertThat(model.parameters
                        .tensor("image.backbone.bn1.num_batches_tracked")
                        .item())
                .isEqualTo(2);
        Map<String, double[]> gradients = model.gradientsByName();
        assertThat(model.run(clusters(), 2, 2).figures()).isEqualTo(first);
        model.gradientsByName()
                .forEach((name, values) -> assertThat(values).as(name).containsExactly(gradients.get(name)));
    }

    /** The directional derivative by a parameter of the text side agrees with the change of the loss. */
    @Test
    void theGradientOfChunksWithDropoutIsTheSlopeOfTheLoss() {
        Model model = new Model(TinySense.withDropout(0.3), TinySense.LOSSES, ALL, Mode.REHEARSE);
        model.run(clusters(), 2, 2);
        String name = "text.crossHead.2.bias";
        double slope = model.gradients.tensor(name).toDoubles()[0];
        double[] values = model.parameters.tensor(name).toDoubles();
        double h = 1e-5;
        double[] totals = new double[2];
        for (int side = 0; side < 2; side++) {
            double[] moved = values.clone();
            moved[0] += side == 0 ? -h : h;
            model.parameters.copyIn(SenseFixture.host(name, ElementType.F64, moved, moved.length));
            totals[side] =
                    Objects.requireNonNull(model.run(clusters(), 2, 2).figures().get("total"));
        }
        assertThat((totals[1] - totals[0]) / (2 * h)).isCloseTo(slope, within(1e-6));
    }

    @Test
    void aStepLeavesMomentumQueuesAndClustersAsTheyAre() {
        Model model = new Model(TinySense.LOSSES, ALL, true, Mode.TRAIN);
        List<byte[]> before = bytes(model.momentum.copyState(), model.rings.copyState());
        EpochClusters clusters = clusters();
        double[] centroids = clusters.tensors().get(1).toDoubles();
        model.run(clusters, STUDIES);
        assertThat(clusters.tensors().get(1).toDoubles()).containsExactly(centroids);
        List<byte[]> after = bytes(model.momentum.copyState(), model.rings.copyState());
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i)).isEqualTo(before.get(i));
        }
    }

    private static List<byte[]> bytes(List<HostTensor> one, List<HostTensor> other) {
        return Stream.concat(one.stream(), other.stream())
                .map(tensor -> {
                    byte[] copy = new byte[tensor.data().remaining()];
                    tensor.data().duplicate().get(copy);
                    return copy;
                })
                .toList();
    }

    @Test
    void frozenWeightsStayEqualAndTheOthersFollow() {
        Model model = new Model(TinySense.LOSSES, ALL, true, Mode.TRAIN);
        for (String name : model.step.trained()) {
            double[] values = model.parameters.tensor(name).toDoubles();
            long[] shape = model.parameters.tensor(name).shape().stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            model.parameters.copyIn(SenseFixture.host(
                    name,
                    ElementType.F64,
                    Arrays.stream(values).map(value -> value + 1).toArray(),
                    shape));
        }
        model.momentum.follow(scope);
        for (String name : model.parameters.names()) {
            double[] normal = model.parameters.tensor(name).toDoubles();
            double[] followed = model.momentum.parameters().tensor(name).toDoubles();
            boolean isTrained = model.step.trained().contains(name);
            assertThat(isTrained && model.sense.isFrozen(name)).as(name).isFalse();
            for (int i = 0; i < normal.length; i++) {
                assertThat(followed[i])
                        .as(name)
                        .isCloseTo(isTrained ? normal[i] - 0.9 : normal[i], within(isTrained ? 1e-12 : 0));
            }
        }
        assertThat(model.step.trained())
                .noneMatch(name -> name.startsWith("text.bert.embeddings.") || name.contains("encoder.layer.0."))
                .noneMatch(name -> name.contains("pooler"))
                .anyMatch(name -> name.contains("encoder.layer.1."));
    }

    /** m = 0.999, th = 1, th_hat = 0: 0.001, 0.001999, and 0.0099551198 after ten steps. */
    @Test
    void theMovingAverageIsThatOfTheWorkedExample() {
        StateDictLayout layout = new StateDictLayout();
        layout.parameter("th", Init.constant(0), 1);
        layout.batchNorm("bn", 1);
        Parameters normal = layout.allocate(torch, ElementType.F64);
        MomentumWeights momentum = new MomentumWeights(torch, layout, name -> false, normal, 0.999);
        normal.copyIn(SenseFixture.host("th", ElementType.F64, new double[] {1}, 1));
        double[] expected = {0.001, 0.001999};
        for (int step = 1; step <= 10; step++) {
            momentum.follow(scope);
            double found = momentum.parameters().tensor("th").item();
            if (step <= 2) {
                assertThat(found).isCloseTo(expected[step - 1], within(1e-12));
            }
        }
        assertThat(momentum.parameters().tensor("th").item()).isCloseTo(0.0099551198, within(1e-10));
    }

    @Test
    void aWeightOfNothingSkipsItsBranch() {
        Model cross = new Model(TinySense.LOSSES, new LossWeights(1, 0, 0), true, Mode.TRAIN);
        SenseStep.Result found = cross.run(null, STUDIES);
        assertThat(found.figures().keySet()).containsExactly("total", "cmc", "cmc_positive", "cmc_negative");
        assertThat(found.keys()).hasSize(2);
        assertThat(cross.step.trained()).noneMatch(name -> name.contains("uniHead"));
        Model uni = new Model(TinySense.LOSSES, new LossWeights(0, 0, 1), true, Mode.TRAIN);
        assertThat(uni.step.trained()).noneMatch(name -> name.contains("crossHead"));
        Model shared = new Model(TinySense.LOSSES, new LossWeights(0, 0, 1), false, Mode.TRAIN);
        assertThat(shared.step.trained()).anyMatch(name -> name.contains("crossHead"));
    }

    @Test
    void withoutClustersTheOtherLossesAreTaken() {
        LossSpec masked =
                new LossSpec(0.1, 0.15, true, SameStudyKeys.DROP, true, MmcForm.PROTO, MmcAnchor.PER_MODALITY, false);
        Model model = new Model(masked, ALL, true, Mode.EVAL);
        Map<String, Double> early = model.run(null, STUDIES).figures();
        assertThat(early).doesNotContainKey("mmc");
        Map<String, Double> late = model.run(clusters(), STUDIES).figures();
        assertThat(late).containsKey("mmc");
        assertThat(late.get("cmc")).as("two studies are of one cluster").isLessThan(early.get("cmc"));
    }

    @Test
    void keysAreFirstSeenInTheNextStepAndWrapAround() {
        Model model = new Model(TinySense.LOSSES, new LossWeights(1, 0, 0), true, Mode.EVAL);
        double alone = Objects.requireNonNull(model.run(null, STUDIES).figures().get("cmc"));
        SenseStep.Result first = model.run(null, STUDIES);
        assertThat(first.figures().get("cmc")).isEqualTo(alone);
        Tensor others = scope.tensor(SenseFixture.host("s", ElementType.I64, new double[] {11, 12, 13, 14}, STUDIES));
        assertThat(first.enqueue(scope, model.rings, others)).isEqualTo(4);
        SenseStep.Result second = model.run(null, STUDIES);
        assertThat(second.figures().get("cmc")).isGreaterThan(alone);
        assertThat(second.enqueue(scope, model.rings, others)).as("seven slots").isEqualTo(7);
        assertThat(model.rings.tensors().get(0).toDoubles()).containsExactly(14, 12, 13, 14, 11, 12, 13);
    }

    @Test
    void fusedKeysAreEnqueuedWithTheirLabelsAndLeaveWhereAnEpochBegins() {
        LossSpec labelled = new LossSpec(
                0.1, 0.15, true, SameStudyKeys.DROP, false, MmcForm.QUEUE_LABEL, MmcAnchor.PER_MODALITY, false);
        Model model = new Model(labelled, ALL, true, Mode.EVAL);
        double alone =
                Objects.requireNonNull(model.run(clusters(), STUDIES).figures().get("mmc"));
        SenseStep.Result first = model.run(clusters(), STUDIES);
        first.enqueue(scope, model.rings, studies());
        assertThat(model.rings.tensors().get(6).toDoubles()).containsExactly(1, 0, 2, 0, -1, -1, -1);
        assertThat(model.run(clusters(), STUDIES).figures().get("mmc")).isNotEqualTo(alone);
        model.rings.clearFused(scope);
        assertThat(model.run(clusters(), STUDIES).figures().get("mmc")).isEqualTo(alone);
    }

    /** Scaling a projector's last layer changes no vector; the gradient is orthogonal to its output. */
    @Test
    void theLengthOfAProjectorsOutputDoesNotMatter() {
        Model model = new Model(TinySense.LOSSES, ALL, true, Mode.EVAL);
        double before =
                Objects.requireNonNull(model.run(clusters(), STUDIES).figures().get("total"));
        for (String name : List.of("image.crossHead.2.weight", "image.crossHead.2.bias")) {
            double[] values = model.parameters.tensor(name).toDoubles();
            double[] gradient = model.gradients.tensor(name).toDoubles();
            assertThat(gradient).isNotEqualTo(new double[gradient.length]);
            long[] shape = model.parameters.tensor(name).shape().stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            model.parameters.copyIn(SenseFixture.host(
                    name,
                    ElementType.F64,
                    Arrays.stream(values).map(value -> 2 * value).toArray(),
                    shape));
        }
        assertThat(model.run(clusters(), STUDIES).figures().get("total")).isCloseTo(before, within(1e-9));
    }

    @Test
    void theStateGoesOutAndIn() {
        Model model = new Model(TinySense.LOSSES, ALL, true, Mode.TRAIN);
        model.run(clusters(), STUDIES).enqueue(scope, model.rings, studies());
        model.momentum.follow(scope);
        Model other = new Model(TinySense.LOSSES, ALL, true, Mode.TRAIN);
        other.rings.loadState(model.rings.copyState());
        other.momentum.loadState(model.momentum.copyState());
        List<byte[]> expected = bytes(model.momentum.copyState(), model.rings.copyState());
        List<byte[]> found = bytes(other.momentum.copyState(), other.rings.copyState());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i)).isEqualTo(expected.get(i));
        }
    }
}
