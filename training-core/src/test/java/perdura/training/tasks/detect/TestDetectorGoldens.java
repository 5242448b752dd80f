package perdura.training.tasks.detect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.OptimizerSpec;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.nn.ScriptBuilder;
import perdura.training.optim.FusedAdam;
import perdura.training.tasks.detect.DetectorSpec.HeadSpec;
import perdura.training.tasks.detect.DetectorSpec.Proposals;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.Tensor;

/** The detector and its parts against the fixtures of the reference, which are torchvision's. */
class TestDetectorGoldens {
    private static final List<String> MAPS =
            List.of("input.features.0", "input.features.1", "input.features.2", "input.features.3");

    private static final String LAST_MAP = "input.features.pool";

    /** The expression of the fixture's maps, which get gradients. */
    private static String maps(ScriptBuilder program, List<String> names) {
        return "[" + String.join(", ", names.stream().map(program::parameter).toList()) + "]";
    }

    private static int[] ascending(int[] drawn, int[] labels, boolean isPositive) {
        return Arrays.stream(drawn).filter(i -> (labels[i] >= 1) == isPositive).toArray();
    }

    private static void checkDrawn(DetectorFixture fixture, String name, int[] drawn, int[] labels) {
        assertThat(labels).as(name).containsExactly(fixture.whole("output." + name + ".labels"));
        assertThat(ascending(drawn, labels, true))
                .as(name)
                .containsExactly(fixture.whole("output." + name + ".positive"));
        assertThat(ascending(drawn, labels, false))
                .as(name)
                .containsExactly(fixture.whole("output." + name + ".negative"));
    }

    /** Logits and deltas of all anchors as the fixture has them: a map for each level. */
    private static void checkRpnAnswers(DetectorFixture fixture, double[] logits, double[] deltas) {
        Anchors anchors = fixture.spec().allAnchors();
        int ratios = fixture.spec().anchors().ratios().size();
        for (int level = 0; level < Anchors.LEVELS; level++) {
            fixture.check("output.objectness." + level, ofLevel(fixture, anchors, level, ratios, 1, logits));
            fixture.check("output.deltas." + level, ofLevel(fixture, anchors, level, ratios, 4, deltas));
        }
    }

    private static double[] ofLevel(
            DetectorFixture fixture, Anchors anchors, int level, int ratios, int numbers, double[] values) {
        int cells = (anchors.ends()[level] - anchors.begin(level)) / ratios;
        int channels = ratios * numbers;
        double[] map = new double[fixture.batch() * channels * cells];
        for (int i = 0; i < map.length; i++) {
            int image = i / (channels * cells);
            int channel = i / cells % channels;
            int anchor = anchors.begin(level) + i % cells * ratios + channel / numbers;
            map[i] = values[(image * anchors.count() + anchor) * numbers + channel % numbers];
        }
        return map;
    }

    private static void checkProposals(DetectorFixture fixture, String prefix, List<double[]> proposals) {
        assertThat(proposals).hasSize(fixture.batch());
        for (int i = 0; i < proposals.size(); i++) {
            fixture.check(prefix + "proposals" + i, proposals.get(i));
        }
    }

    private static void checkRpnSample(DetectorFixture fixture, String prefix) {
        DetectorSpec spec = fixture.spec();
        Anchors anchors = spec.allAnchors();
        List<Truth> truths = fixture.truths(prefix);
        List<Long> places = new ArrayList<>();
        for (int i = 0; i < fixture.batch(); i++) {
            int[] labels =
                    AnchorSample.labels(spec.rpn().matcher().match(truths.get(i).boxes(), anchors.boxes()));
            int[] drawn = spec.rpn()
                    .sampler()
                    .sample(labels, fixture.order(prefix).of(VisitOrder.Stage.RPN, i, labels.length));
            checkDrawn(fixture, "rpn" + i, drawn, labels);
            long first = (long) i * anchors.count();
            Arrays.stream(drawn).forEach(anchor -> places.add(first + anchor));
        }
        assertThat(AnchorSample.draw(spec.rpn(), anchors, truths, fixture.order(prefix))
                        .places())
                .containsExactly(places.stream().mapToLong(i -> i).toArray());
    }

    private static RoiSample checkHeadSample(DetectorFixture fixture, String prefix, List<double[]> proposals) {
        HeadSpec head = fixture.spec().head();
        List<Truth> truths = fixture.truths(prefix);
        RoiSample sample = RoiSample.draw(head, proposals, truths, fixture.order(prefix));
        for (int i = 0; i < fixture.batch(); i++) {
            double[] candidates = RoiSample.candidates(proposals.get(i), truths.get(i));
            int[] labels = BoxMatcher.labels(
                    head.matcher().match(truths.get(i).boxes(), candidates),
                    truths.get(i).classes());
            int[] drawn =
                    head.sampler().sample(labels, fixture.order(prefix).of(VisitOrder.Stage.HEAD, i, labels.length));
            checkDrawn(fixture, "head" + i, drawn, labels);
            assertThat(sample.boxes().get(i)).containsExactly(Boxes.pick(candidates, drawn));
        }
        return sample;
    }

    private static List<Tensor> rois(DetectorFixture fixture, List<double[]> boxes) {
        RoiWeights weights = new RoiWeights(
                fixture.spec().head().align(),
                fixture.spec().height(),
                fixture.spec().width());
        weights.clear(boxes.size());
        for (int i = 0; i < boxes.size(); i++) {
            weights.add(i, boxes.get(i));
        }
        return weights.tensors(fixture.scope, fixture.type);
    }

    /** [R, cells, C] as [R, C, cells]. */
    private static double[] channelsFirst(double[] pooled, int cells, int channels) {
        double[] turned = new double[pooled.length];
        for (int i = 0; i < pooled.length; i++) {
            int roi = i / (cells * channels);
            turned[(roi * channels + i % channels) * cells + i / channels % cells] = pooled[i];
        }
        return turned;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void roiAlignAgrees(ElementType type) {
        try (DetectorFixture fixture = new DetectorFixture("roi_align", type)) {
            JsonNode config = fixture.config();
            RoiAlign align = new RoiAlign(
                    config.get("size").asInt(),
                    config.get("samplingRatio").asInt(),
                    config.get("canonicalSize").asDouble());
            RoiWeights weights = new RoiWeights(
                    align,
                    config.get("image").get(0).asInt(),
                    config.get("image").get(1).asInt());
            List<double[]> boxes = fixture.golden.names("input.boxes").stream()
                    .map(fixture::values)
                    .toList();
            weights.clear(boxes.size());
            List<Integer> levels = new ArrayList<>();
            for (int i = 0; i < boxes.size(); i++) {
                weights.add(i, boxes.get(i));
                for (int box = 0; box < Boxes.count(boxes.get(i)); box++) {
                    levels.add(align.level(boxes.get(i), box));
                }
            }
            assertThat(levels.stream().mapToInt(i -> i).toArray()).containsExactly(fixture.whole("output.levels"));
            ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.CONSTANT_NORM);
            align.write(program);
            program.function("golden", "rois: List[Tensor], cotangent: Tensor", "List[Tensor]", """
                    pooled = self.roi_pool(p, rois, self.roi_rows(p, %s))
                    turned = torch.transpose(pooled, 1, 2)
                    return [torch.sum(torch.mul(turned, torch.flatten(cotangent, 2))), torch.detach(pooled)]
                    """.formatted(
                            maps(program, MAPS)));
            Parameters store = new Parameters(fixture.torch);
            MAPS.forEach(name -> store.add(name, type, fixture.golden.shape(name)));
            store.copyIn(MAPS.stream()
                    .map(name -> fixture.golden.tensor(name, name, type))
                    .toList());
            Gradients gradients = new Gradients(store, MAPS);
            Script script = Script.compile(fixture.torch, program.text());
            List<Tensor> results = Gradients.record(() -> script.call(
                    fixture.scope,
                    "golden",
                    List.of(program.arguments(store), weights.tensors(fixture.scope, type)),
                    fixture.tensor("cotangent")));
            Gradients.backward(fixture.scope, results.get(0));
            int channels = Math.toIntExact(fixture.golden.shape(MAPS.get(0)).get(1));
            fixture.check("output.pooled", channelsFirst(results.get(1).toDoubles(), align.cells(), channels));
            double[][] expected = MAPS.stream()
                    .map(name -> fixture.values(name.replace("input.", "grad.")))
                    .toArray(double[][]::new);
            double greatest = Arrays.stream(expected)
                    .mapToDouble(DetectorFixture::greatest)
                    .max()
                    .orElseThrow();
            for (int level = 0; level < expected.length; level++) {
                double own = DetectorFixture.greatest(expected[level]);
                double tolerance = (type == ElementType.F64 ? 1e-9 : 1e-4) * (own + 1e-3 * greatest) / own;
                DetectorFixture.assertClose(
                        MAPS.get(level), gradients.tensor(MAPS.get(level)).toDoubles(), expected[level], tolerance);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void rpnAgrees(ElementType type) {
        try (DetectorFixture fixture = new DetectorFixture("rpn", type)) {
            Detector detector = fixture.detector();
            List<String> maps = new ArrayList<>(MAPS);
            maps.add(LAST_MAP);
            ScriptBuilder program = detector.program();
            program.function("golden", "anchors: List[Tensor]", "List[Tensor]", """
                    found = self.rpn(p, %s)
                    losses = self.rpn_losses(p, found[0], found[1], anchors)
                    return [torch.add(losses[0], losses[1]), found[0], found[1], losses[0], losses[1]]
                    """.formatted(maps(program, maps)));
            Parameters store = fixture.parameters(detector, maps);
            Gradients gradients = new Gradients(store, program.trained());
            Script script = Script.compile(fixture.torch, program.text());
            AnchorSample sample = AnchorSample.draw(
                    fixture.spec().rpn(), fixture.spec().allAnchors(), fixture.truths(""), fixture.order(""));
            List<Tensor> results = Gradients.record(() -> script.call(
                    fixture.scope, "golden", List.of(program.arguments(store), sample.tensors(fixture.scope, type))));
            Gradients.backward(fixture.scope, results.get(0));
            checkRpnAnswers(fixture, results.get(1).toDoubles(), results.get(2).toDoubles());
            checkRpnSample(fixture, "");
            fixture.checkScalar("loss_objectness", results.get(3).item());
            fixture.checkScalar("loss_rpn_box_reg", results.get(4).item());
            fixture.checkGradients(gradients);
            DetectorPass pass = new DetectorPass(fixture.spec(), script, type);
            Proposals train = fixture.spec().rpn().train();
            Proposals test = fixture.spec().rpn().test();
            checkProposals(fixture, "output.", pass.proposals(results, train));
            checkProposals(fixture, "output.eval.", pass.proposals(results, test));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void headAgrees(ElementType type) {
        try (DetectorFixture fixture = new DetectorFixture("box_head", type)) {
            Detector detector = fixture.detector();
            ScriptBuilder program = detector.program();
            program.function("golden", "rois: List[Tensor], sample: List[Tensor]", "List[Tensor]", """
                    rows = self.roi_rows(p, %s)
                    answers = self.head(p, rois, rows)
                    losses = self.head_losses(p, answers[0], answers[1], sample)
                    pooled = torch.detach(self.roi_pool(p, rois, rows))
                    return [torch.add(losses[0], losses[1]), losses[0], losses[1], answers[0], answers[1], pooled]
                    """.formatted(
                            maps(program, MAPS)));
            Parameters store = fixture.parameters(detector, MAPS);
            Gradients gradients = new Gradients(store, program.trained());
            Script script = Script.compile(fixture.torch, program.text());
            List<double[]> proposals = IntStream.range(0, fixture.batch())
                    .mapToObj(i -> fixture.values("input.proposals" + i))
                    .toList();
            RoiSample sample = checkHeadSample(fixture, "", proposals);
            List<Tensor> results = Gradients.record(() -> script.call(
                    fixture.scope,
                    "golden",
                    List.of(
                            program.arguments(store),
                            rois(fixture, sample.boxes()),
                            sample.tensors(fixture.scope, type, fixture.spec().classes()))));
            Gradients.backward(fixture.scope, results.get(0));
            fixture.checkScalar("loss_classifier", results.get(1).item());
            fixture.checkScalar("loss_box_reg", results.get(2).item());
            fixture.check("output.classLogits", results.get(3).toDoubles());
            fixture.check("output.boxRegression", results.get(4).toDoubles());
            fixture.check(
                    "output.pooled",
                    channelsFirst(
                            results.get(5).toDoubles(),
                            fixture.spec().head().align().cells(),
                            fixture.spec().fpn()));
            fixture.checkGradients(gradients);
        }
    }

    /** A detector with the fixture's weights, and a function that tells what passes between its parts. */
    private record Traced(
            DetectorFixture fixture, Detector detector, ScriptBuilder program, Parameters store, Script script) {
        static Traced of(DetectorFixture fixture) {
            Detector detector = fixture.detector();
            ScriptBuilder program = detector.program();
            program.function(
                    "features", "images: Tensor", "List[Tensor]", "return self.fpn(p, self.pyramid(p, images))\n");
            program.function(
                    "pooled", "rois: List[Tensor], rows: Tensor", "Tensor", "return self.roi_pool(p, rois, rows)\n");
            Parameters store = fixture.parameters(detector, List.of());
            return new Traced(fixture, detector, program, store, Script.compile(fixture.torch, program.text()));
        }

        DetectorPass pass(DetectorSpec spec) {
            return new DetectorPass(spec, script, fixture.type);
        }

        List<Tensor> weights() {
            return program.arguments(store);
        }

        /** Checks what comes before the boxes are chosen, and gives what is proposed. */
        List<Tensor> checkProposed(Tensor images) {
            List<Tensor> maps = script.call(fixture.scope, "features", List.of(weights()), images);
            List<String> names = List.of("0", "1", "2", "3", "pool");
            for (int i = 0; i < maps.size(); i++) {
                fixture.check("output.features." + names.get(i), maps.get(i).toDoubles());
            }
            List<Tensor> proposed = script.call(fixture.scope, "propose", List.of(weights()), images);
            checkRpnAnswers(
                    fixture, proposed.get(1).toDoubles(), proposed.get(2).toDoubles());
            return proposed;
        }

        void checkHead(Tensor rows, List<double[]> boxes) {
            Tensor pooled = script.call(fixture.scope, "pooled", List.of(weights(), rois(fixture, boxes)), rows)
                    .get(0);
            fixture.check(
                    "output.pooled",
                    channelsFirst(
                            pooled.toDoubles(),
                            fixture.spec().head().align().cells(),
                            fixture.spec().fpn()));
            List<Tensor> answers = script.call(fixture.scope, "head", List.of(weights(), rois(fixture, boxes)), rows);
            fixture.check("output.classLogits", answers.get(0).toDoubles());
            fixture.check("output.boxRegression", answers.get(1).toDoubles());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void trainingAgrees(ElementType type) {
        try (DetectorFixture fixture = new DetectorFixture("detector_train", type)) {
            Traced traced = Traced.of(fixture);
            DetectorPass pass = traced.pass(fixture.spec());
            Tensor images = fixture.tensor("step0.input.images");
            List<Tensor> proposed = traced.checkProposed(images);
            List<double[]> proposals =
                    pass.proposals(proposed, fixture.spec().rpn().train());
            checkProposals(fixture, "output.", proposals);
            checkRpnSample(fixture, "step0.");
            traced.checkHead(
                    proposed.get(0),
                    checkHeadSample(fixture, "step0.", proposals).boxes());

            JsonNode adam = fixture.config().get("adam");
            Gradients gradients = new Gradients(traced.store, traced.program.trained());
            OptimizerSpec rule = new OptimizerSpec(
                    OptimizerSpec.Algorithm.ADAM,
                    adam.get("betas").get(0).asDouble(),
                    adam.get("betas").get(1).asDouble(),
                    adam.get("eps").asDouble(),
                    adam.get("weight_decay").asDouble(),
                    null);
            FusedAdam optimizer = new FusedAdam(
                    fixture.torch,
                    rule,
                    traced.store,
                    gradients,
                    List.of(new FusedAdam.Group(traced.program.trained(), rule.weightDecay())));
            for (int step = 0; step < 2; step++) {
                String prefix = "step" + step + ".";
                Tensor input = fixture.tensor(prefix + "input.images");
                gradients.clear();
                Gradients.startFrom(List.of(input));
                DetectorPass.Losses losses = Gradients.record(() -> pass.losses(
                        fixture.scope, traced.weights(), input, fixture.truths(prefix), fixture.order(prefix)));
                Gradients.backward(fixture.scope, losses.total());
                checkLosses(fixture, prefix, losses);
                if (step == 0) {
                    fixture.checkGradients(gradients);
                    fixture.checkGradient(
                            "input.images", Gradients.of(List.of(input)).get(0));
                }
                optimizer.step(fixture.scope, adam.get("lr").asDouble());
            }
            if (type == ElementType.F64) {
                List<String> after = fixture.golden.names("after.weight.");
                assertThat(after.stream()
                                .map(name -> name.substring("after.weight.".length()))
                                .toList())
                        .containsExactlyInAnyOrderElementsOf(traced.program.trained());
                for (String name : after) {
                    fixture.check(
                            name,
                            traced.store
                                    .tensor(name.substring("after.weight.".length()))
                                    .toDoubles());
                }
            }
        }
    }

    private static void checkLosses(DetectorFixture fixture, String prefix, DetectorPass.Losses losses) {
        fixture.checkScalar(prefix + "loss_objectness", losses.each()[0]);
        fixture.checkScalar(prefix + "loss_rpn_box_reg", losses.each()[1]);
        fixture.checkScalar(prefix + "loss_classifier", losses.each()[2]);
        fixture.checkScalar(prefix + "loss_box_reg", losses.each()[3]);
        fixture.checkScalar(prefix + "loss", losses.total().item());
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void answersAgree(ElementType type) {
        try (DetectorFixture fixture = new DetectorFixture("detector_eval", type)) {
            Traced traced = Traced.of(fixture);
            DetectorPass pass = traced.pass(fixture.spec());
            Tensor images = fixture.tensor("input.images");
            List<Tensor> proposed = traced.checkProposed(images);
            List<double[]> proposals =
                    pass.proposals(proposed, fixture.spec().rpn().test());
            checkProposals(fixture, "output.", proposals);
            traced.checkHead(proposed.get(0), proposals);
            List<Detections> found =
                    pass.detect(fixture.scope, traced.weights(), images).images();
            JsonNode before = fixture.golden.json().get("scalars").get("beforeCut");
            List<Detections> uncut = traced.pass(uncut(fixture.spec()))
                    .detect(fixture.scope, traced.weights(), images)
                    .images();
            for (int i = 0; i < fixture.batch(); i++) {
                fixture.check("output.boxes" + i, found.get(i).boxes());
                fixture.check("output.scores" + i, found.get(i).scores());
                assertThat(found.get(i).classes()).containsExactly(fixture.whole("output.labels" + i));
                assertThat(uncut.get(i).count()).isEqualTo(before.get(i).asInt());
                assertThat(DoubleStream.of(uncut.get(i).scores()).min().orElse(1))
                        .isGreaterThan(fixture.spec().head().score());
            }
        }
    }

    private static DetectorSpec uncut(DetectorSpec spec) {
        HeadSpec head = spec.head();
        HeadSpec all = new HeadSpec(
                head.align(), head.matcher(), head.sampler(), head.score(), head.overlap(), Integer.MAX_VALUE);
        return new DetectorSpec(
                spec.height(),
                spec.width(),
                spec.classes(),
                spec.fpn(),
                spec.hidden(),
                spec.anchors(),
                spec.rpn(),
                all);
    }
}
