package perdura.training.methods.sense.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.sense.spec.ClusterSpec;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.ModelSpec;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.optim.EpochWarmupCosine;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.optim.ParameterGroup;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * One epoch against the reference: study features, four steps, one symmetric step. Tolerances: the README of the fixtures.
 *
 * <p>Where a gradient is zero but for rounding, Adam makes a whole step of it, so two float32 runs part by more than one step's rounding.
 * Each float32 step therefore begins where the float64 run stands, and is held as the first one is.
 */
class TestSenseEpoch {
    /** Of float32, from the README. */
    private static final double VECTORS = 5e-6;

    private static final double GRADIENTS = 1e-4;

    @Test
    void float64AgreesOverAllSteps() {
        try (Epoch epoch = new Epoch(ElementType.F64, false)) {
            epoch.checkStudyFeatures();
            for (int step = 1; step <= epoch.steps(); step++) {
                epoch.checkStep(step);
            }
            epoch.checkState();
        }
    }

    @Test
    void float32AgreesInEachStep() {
        try (Epoch exact = new Epoch(ElementType.F64, false);
                Epoch single = new Epoch(ElementType.F32, false)) {
            single.checkStudyFeatures();
            for (int step = 1; step <= exact.steps(); step++) {
                single.startFrom(exact);
                exact.checkStep(step);
                single.checkStep(step);
            }
            single.checkState();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void theSwappedViewsAreTakenIntoTheMean(ElementType type) {
        try (Epoch epoch = new Epoch(type, true)) {
            epoch.checkSymmetricStep();
        }
    }

    /** The spec of a fixture's configuration. */
    static SenseSpec spec(JsonNode config, boolean isSymmetric) {
        JsonNode image = config.get("image");
        JsonNode text = config.get("text");
        JsonNode weights = config.get("weights");
        List<Integer> blocks = new ArrayList<>();
        image.get("blocks").forEach(value -> blocks.add(value.asInt()));
        BertSpec bert = new BertSpec(
                text.get("hidden").asInt(),
                text.get("layers").asInt(),
                text.get("heads").asInt(),
                text.get("intermediate").asInt(),
                text.get("positions").asInt());
        return new SenseSpec(
                new ModelSpec(
                        new ModelSpec.Image(
                                32,
                                ResnetSpec.Block.valueOf(image.get("block").asText()),
                                new ResnetSpec(blocks, image.get("width").asInt())),
                        new ModelSpec.Text(
                                ModelSpec.Pooling.MAX_MAX,
                                true,
                                bert.positions(),
                                24,
                                bert.positions(),
                                bert,
                                text.get("dropout").asDouble(),
                                true,
                                text.get("frozenLayers").asInt()),
                        config.get("dim").asInt(),
                        config.get("uniProjectors").asBoolean()),
                config.get("m").asDouble(),
                config.get("queueLength").asInt(),
                new ClusterSpec(
                        config.get("clusters").asInt(),
                        0,
                        20,
                        false,
                        ClusterSpec.EmptyClusters.SCAN,
                        ClusterSpec.StudyImages.valueOf(
                                config.get("studyImages").asText()),
                        ClusterSpec.Fusion.valueOf(config.get("fusion").asText()),
                        config.get("concentration").asBoolean(),
                        2048,
                        512),
                new LossSpec(
                        config.get("tau").asDouble(),
                        config.get("tauP").asDouble(),
                        config.get("inBatchNegatives").asBoolean(),
                        LossSpec.SameStudyKeys.valueOf(
                                config.get("sameStudyKeys").asText()),
                        config.get("clusterMask").asBoolean(),
                        LossSpec.MmcForm.valueOf(config.get("mmcForm").asText()),
                        LossSpec.MmcAnchor.valueOf(config.get("mmcAnchor").asText()),
                        isSymmetric),
                new SenseSpec.LossWeights(
                        weights.get(0).asDouble(),
                        weights.get(1).asDouble(),
                        weights.get(2).asDouble()),
                new SenseSpec.Augment(true, true, true),
                new SenseSpec.Plan(
                        config.get("epochs").asInt(),
                        config.get("warmup").asInt(),
                        config.get("adamw").get("baseLr").asDouble()));
    }

    /** The model at the begin of the fixture's epoch. */
    private static final class Epoch implements AutoCloseable {
        final SenseFixture fixture;
        final JsonNode config;
        final SenseSpec spec;
        final Parameters parameters;
        final MomentumWeights momentum;
        final SenseEncoder encoder;
        final Rings rings;
        final EpochClusters clusters;
        final SenseStep step;
        final Gradients gradients;
        final GlobalNorm norm;
        final FusedAdam adam;

        Epoch(ElementType type, boolean isSymmetric) {
            fixture = new SenseFixture("whole_epoch", type);
            config = fixture.config();
            spec = spec(config, isSymmetric);
            Sense sense =
                    new Sense(spec.model(), config.get("text").get("vocabulary").asInt());
            parameters = sense.layout().allocate(fixture.torch, type);
            for (String name : parameters.names()) {
                if (!name.startsWith("text.bert.pooler.")) {
                    parameters.copyIn(fixture.host("before." + name, name));
                }
            }
            momentum = new MomentumWeights(fixture.torch, sense, parameters, spec.momentum());
            encoder = new SenseEncoder(fixture.torch, momentum.parameters(), sense);
            rings = new Rings(fixture.torch, spec, type);
            clusters = new EpochClusters(
                    fixture.torch,
                    fixture.host("labels", "labels"),
                    fixture.host("unitCentroids", "centroids"),
                    fixture.host("phi", "phi"));
            step = new SenseStep(fixture.torch, sense, spec, parameters, encoder);
            JsonNode adamw = config.get("adamw");
            OptimizerSpec optimizer = new OptimizerSpec(
                    OptimizerSpec.Algorithm.ADAMW,
                    adamw.get("betas").get(0).asDouble(),
                    adamw.get("betas").get(1).asDouble(),
                    adamw.get("eps").asDouble(),
                    adamw.get("weightDecay").asDouble(),
                    config.get("clip").asDouble());
            gradients = new Gradients(parameters, step.trained());
            norm = new GlobalNorm(fixture.torch, gradients);
            adam = new FusedAdam(
                    fixture.torch,
                    optimizer,
                    parameters,
                    gradients,
                    ParameterGroup.split(step.trained(), sense.groups(), optimizer.weightDecay()));
        }

        int steps() {
            return config.get("steps").asInt();
        }

        /** Takes the whole state of another run, rounded to this one's type. */
        void startFrom(Epoch other) {
            parameters.copyIn(rounded(other.parameters.copyOut()));
            momentum.loadState(rounded(other.momentum.copyState()));
            rings.loadState(rounded(other.rings.copyState()));
            adam.loadState(rounded(other.adam.copyState()));
        }

        private List<HostTensor> rounded(List<HostTensor> tensors) {
            return tensors.stream()
                    .map(tensor -> tensor.type() == ElementType.F64 ? rounded(tensor) : tensor)
                    .toList();
        }

        private HostTensor rounded(HostTensor tensor) {
            DoubleBuffer from =
                    tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
            double[] values = new double[from.remaining()];
            from.get(values);
            return SenseFixture.host(
                    tensor.name(),
                    fixture.type,
                    values,
                    tensor.shape().stream().mapToLong(size -> size).toArray());
        }

        void checkStudyFeatures() {
            Tensor images =
                    encoder.crossImages(fixture.scope, encoder.images(fixture.scope, fixture.tensor("studies.images")));
            Tensor sentences =
                    encoder.sentences(fixture.scope, fixture.tensor("studies.ids"), fixture.tensor("studies.mask"));
            List<List<Integer>> imagesOf = SenseFixture.ranges(fixture.longs("studies.imageOffsets"));
            List<List<Integer>> sentencesOf = SenseFixture.ranges(fixture.longs("studies.sentenceOffsets"));
            Tensor texts = encoder.crossReports(
                    fixture.scope,
                    encoder.reports(
                            fixture.scope,
                            sentences,
                            SenseFixture.table(
                                    fixture.scope,
                                    sentencesOf,
                                    sentences.shape().get(0))));
            try (StudyFeatures join =
                    new StudyFeatures(fixture.torch, spec.clusters().fusion())) {
                Tensor places = SenseFixture.table(
                        fixture.scope, imagesOf, images.shape().get(0));
                fixture.check("features", join.of(fixture.scope, images, places, texts), VECTORS);
            }
        }

        SenseStep.Chunk batch(StepScope scope, int number) {
            return new SenseStep.Chunk(
                    view(scope, "step" + number + ".view1."), view(scope, "step" + number + ".view2."));
        }

        /** Each distinct sentence once, in the order of the fixture's table. */
        private SenseStep.View view(StepScope scope, String prefix) {
            long[] kept = fixture.longs(prefix + "sentences");
            List<Long> distinct =
                    new ArrayList<>(new TreeSet<>(Arrays.stream(kept).boxed().toList()));
            int length = Math.toIntExact(fixture.golden.shape("studies.ids").get(1));
            List<List<Integer>> ids = new ArrayList<>();
            List<List<Integer>> masks = new ArrayList<>();
            for (long row : distinct) {
                ids.add(row("studies.ids", row, length));
                masks.add(row("studies.mask", row, length));
            }
            List<List<Integer>> places = SenseFixture.ranges(fixture.longs(prefix + "offsets")).stream()
                    .map(own ->
                            own.stream().map(at -> distinct.indexOf(kept[at])).toList())
                    .toList();
            int half = distinct.size() / 2;
            List<Tensor> groupIds = new ArrayList<>();
            List<Tensor> groupMasks = new ArrayList<>();
            for (List<Integer> range : List.of(List.of(0, half), List.of(half, distinct.size()))) {
                if (range.get(1) > range.get(0)) {
                    groupIds.add(SenseFixture.table(scope, ids.subList(range.get(0), range.get(1)), 0));
                    groupMasks.add(SenseFixture.table(scope, masks.subList(range.get(0), range.get(1)), 0));
                }
            }
            return new SenseStep.View(
                    scope.tensor(fixture.host(prefix + "images", "images")),
                    new ReportTensors(groupIds, groupMasks, SenseFixture.table(scope, places, distinct.size())));
        }

        private List<Integer> row(String name, long row, int length) {
            long[] all = fixture.longs(name);
            return Arrays.stream(all, (int) row * length, (int) (row + 1) * length)
                    .mapToObj(value -> (int) value)
                    .toList();
        }

        void checkStep(int number) {
            try (StepScope scope = fixture.torch.newStep()) {
                gradients.clear();
                Tensor studies = scope.tensor(fixture.host("step" + number + ".studies", "studies"));
                SenseStep.Result result =
                        step.run(scope, List.of(batch(scope, number)), studies, rings, clusters, pass -> pass);
                for (String loss : List.of("cmc", "mmc", "umc", "total")) {
                    checkEntry(
                            loss,
                            number,
                            Objects.requireNonNull(result.figures().get(loss)),
                            VECTORS);
                }
                if (number == 1) {
                    List<String> keys = List.of("zvHat", "ztHat", "uvHat", "utHat");
                    for (int i = 0; i < result.keys().size(); i++) {
                        fixture.check("step1." + keys.get(i), result.keys().get(i), VECTORS);
                    }
                    SenseStep.View seen = batch(scope, 1).momentum();
                    // The momentum network is still that of the step's begin.
                    fixture.check("step1.vHat", encoder.images(scope, seen.images()), VECTORS);
                    fixture.check("step1.tHat", encoder.reports(scope, seen.texts()), VECTORS);
                    checkGradients("grad.");
                }
                checkEntry(
                        "gradientNorm",
                        number,
                        norm.clip(scope, config.get("clip").asDouble()),
                        GRADIENTS);
                double rate = new EpochWarmupCosine(
                                spec.plan().epochs(),
                                spec.plan().warmupEpochs(),
                                spec.plan().learningRate())
                        .rate(config.get("epoch").asInt());
                checkEntry("lr", number, rate, 1e-9);
                adam.step(scope, rate);
                momentum.follow(scope);
                long filled = result.enqueue(scope, rings, studies);
                assertThat(filled)
                        .isEqualTo(Math.min((long) number * config.get("batch").asInt(), spec.queueLength()));
            }
        }

        private void checkEntry(String scalar, int step, double actual, double tolerance32) {
            double expected = fixture.golden
                    .json()
                    .get("scalars")
                    .get(scalar)
                    .get(step - 1)
                    .asDouble();
            SenseFixture.assertClose(
                    scalar + " of step " + step,
                    new double[] {actual},
                    new double[] {expected},
                    fixture.type == ElementType.F64 ? 1e-9 : tolerance32);
        }

        private void checkGradients(String prefix) {
            List<String> names = fixture.golden.names(prefix);
            assertThat(names).isNotEmpty();
            for (String name : names) {
                fixture.check(name, gradients.tensor(name.substring(prefix.length())), GRADIENTS);
            }
        }

        void checkState() {
            fixture.golden.names("after.").forEach(name -> {
                String plain = name.substring("after.".length());
                if (plain.startsWith("momentum.")) {
                    fixture.check(name, momentum.parameters().tensor(plain.substring("momentum.".length())), GRADIENTS);
                } else if (plain.startsWith("queue.")) {
                    fixture.check(name, values(rings.copyState(), plain.substring("queue.".length())), GRADIENTS);
                } else if (plain.startsWith("optimizer.")) {
                    fixture.check(name, values(adam.copyState(), plain.substring("optimizer.".length())), GRADIENTS);
                } else {
                    fixture.check(name, parameters.tensor(plain), GRADIENTS);
                }
            });
            assertThat(names(rings.copyState()))
                    .containsExactlyInAnyOrderElementsOf(fixture.golden.names("after.queue.").stream()
                            .map(name -> name.substring("after.queue.".length()))
                            .toList());
        }

        private static List<String> names(List<HostTensor> tensors) {
            return tensors.stream().map(HostTensor::name).toList();
        }

        private double[] values(List<HostTensor> tensors, String name) {
            HostTensor found = tensors.stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            try (StepScope scope = fixture.torch.newStep()) {
                return scope.tensor(found).toDoubles();
            }
        }

        void checkSymmetricStep() {
            gradients.clear();
            SenseStep.Result result = step.run(
                    fixture.scope,
                    List.of(batch(fixture.scope, 1)),
                    fixture.tensor("step1.studies"),
                    rings,
                    clusters,
                    pass -> pass);
            JsonNode expected = fixture.golden.json().get("scalars").get("symmetric");
            expected.fieldNames().forEachRemaining(name -> {
                double actual = name.equals("gradientNorm")
                        ? norm.measure(fixture.scope)
                        : Objects.requireNonNull(result.figures().get(name));
                SenseFixture.assertClose(
                        name,
                        new double[] {actual},
                        new double[] {expected.get(name).asDouble()},
                        fixture.type == ElementType.F64 ? 1e-9 : name.equals("gradientNorm") ? GRADIENTS : VECTORS);
            });
            checkGradients("symmetric.grad.");
            for (String name : fixture.golden.names("symmetric.image.")) {
                fixture.check(name, parameters.tensor(name.substring("symmetric.".length())), VECTORS);
            }
        }

        @Override
        public void close() {
            fixture.close();
        }
    }
}
