package perdura.training.methods.sense.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.OptimizerSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.sense.model.Sense.Space;
import perdura.training.methods.sense.spec.ClusterSpec.Fusion;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.LossSpec.SameStudyKeys;
import perdura.training.methods.sense.spec.SenseSpec.LossWeights;
import perdura.training.nn.Init;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.ScriptOps;
import perdura.training.nn.StateDictLayout;
import perdura.training.optim.EpochWarmupCosine;
import perdura.training.optim.FusedAdam;
import perdura.training.optim.GlobalNorm;
import perdura.training.optim.ParameterGroup;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** The parts of the model against the fixtures of the reference. Tolerances: their README. */
class TestSenseGoldens {
    /** Of float32, from the README. */
    private static final double VECTORS = 5e-6;

    private static final double GRADIENTS = 1e-4;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void projectorsAgree(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("heads", type)) {
            List<String> weights = fixture.golden.names("").stream()
                    .filter(name -> name.startsWith("image.") || name.startsWith("text."))
                    .toList();
            List<String> inputs = List.of("input.image", "input.text");
            List<String> stored = new ArrayList<>(weights);
            stored.addAll(inputs);
            stored.addAll(fixture.golden.names("cotangent."));
            Parameters store = fixture.parameters(stored);
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            Sense sense = new Sense(TinySense.model(true), TinySense.VOCABULARY);
            List<String> units = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (Space space : Space.values()) {
                sense.writeHead(program, space);
                for (String side : List.of("image", "text")) {
                    String head = side + (space == Space.CROSS ? ".crossHead" : ".uniHead");
                    names.add(head);
                    units.add("self.%s_%s(p, %s)"
                            .formatted(
                                    side, space == Space.CROSS ? "cross" : "uni", program.parameter("input." + side)));
                }
            }
            List<String> terms = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                terms.add("torch.sum(torch.mul(units[%d], %s))"
                        .formatted(i, program.buffer("cotangent." + names.get(i))));
            }
            program.function(
                    "golden", "", "List[Tensor]", """
                    units = [%s]
                    objective = torch.sum(torch.stack([%s]))
                    return [objective, units[0], units[1], units[2], units[3]]
                    """.formatted(String.join(", ", units), String.join(", ", terms)));
            Learned learned = learn(fixture, program, store);
            fixture.checkScalar("objective", learned.results.get(0).item(), VECTORS);
            for (int i = 0; i < names.size(); i++) {
                fixture.check("unit." + names.get(i), learned.results.get(i + 1), VECTORS);
            }
            for (String name : fixture.golden.names("grad.")) {
                fixture.check(name, learned.gradients.tensor(name.substring("grad.".length())), GRADIENTS);
            }
        }
    }

    /** Results, and gradients of what the program trains. */
    private record Learned(List<Tensor> results, Gradients gradients) {}

    private static Learned learn(SenseFixture fixture, ScriptBuilder program, Parameters store, Tensor... tensors) {
        Script script = Script.compile(fixture.torch, program.text());
        Gradients gradients = new Gradients(store, program.trained());
        List<Tensor> results = Gradients.record(
                () -> script.call(fixture.scope, "golden", List.of(program.arguments(store)), tensors));
        Gradients.backward(fixture.scope, results.get(0));
        return new Learned(results, gradients);
    }

    @ParameterizedTest
    @CsvSource({"s_cmc, F32", "s_cmc, F64", "s_umc, F32", "s_umc, F64"})
    void contrastsAgree(String name, ElementType type) {
        try (SenseFixture fixture = new SenseFixture(name, type)) {
            JsonNode cases = fixture.config().get("cases");
            assertThat(cases.size()).isGreaterThanOrEqualTo(8);
            cases.fieldNames().forEachRemaining(each -> {
                checkContrast(fixture, name.equals("s_cmc"), each, cases.get(each), "raw.");
                checkContrast(fixture, name.equals("s_cmc"), each, cases.get(each), "unit.");
            });
        }
    }

    /** @param leaves whether gradients are those by projectors' outputs, {@code raw.}, or by unit vectors, {@code unit.} */
    private static void checkContrast(
            SenseFixture fixture, boolean isCross, String name, JsonNode options, String leaves) {
        JsonNode uni = options.get("uniProjectors");
        String kind = isCross || (uni != null && !uni.asBoolean()) ? "Cross" : "Uni";
        String image = "image" + kind;
        String text = "text" + kind;
        Parameters store = unitOrRaw(fixture, leaves, List.of(image, text));
        LossSpec spec = new LossSpec(
                fixture.config().get("tau").asDouble(),
                1,
                options.get("inBatchNegatives").asBoolean(),
                SameStudyKeys.valueOf(options.get("sameStudyKeys").asText()),
                options.get("clusterMask").asBoolean(),
                MmcForm.PROTO,
                MmcAnchor.PER_MODALITY,
                false);
        SenseLosses losses = new SenseLosses(spec, new LossWeights(1, 0, 0), Fusion.MEAN, true);
        ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
        losses.writeParts(program);
        losses.writeMasks(program, "masks");
        program.function(
                "golden",
                "studies: Tensor, queued: Tensor, y: Tensor, queued_y: Tensor, images: Tensor, texts: Tensor, image_queue: Tensor, text_queue: Tensor",
                "List[Tensor]",
                """
                masks = self.masks(p, studies, queued, y, queued_y)
                found = self.two_way(p, %s, %s, %s, masks)
                return [found[0], found[3], found[4], torch.to(masks[0], studies.dtype), torch.to(masks[1], studies.dtype)]
                """.formatted(
                        vector(program, leaves + image),
                        isCross ? "texts, text_queue" : "images, image_queue",
                        vector(program, leaves + text) + (isCross ? ", images, image_queue" : ", texts, text_queue")));
        Learned learned = learn(
                fixture,
                program,
                store,
                fixture.tensor(name + ".studyKeys"),
                filled(fixture, name + ".queue.studyKeys", options.get("filled").asInt()),
                fixture.tensor("labels"),
                fixture.tensor("queueLabels"),
                fixture.tensor("keys." + image + ".hat"),
                fixture.tensor("keys." + text + ".hat"),
                fixture.tensor("queue." + image),
                fixture.tensor("queue." + text));
        fixture.checkScalar(name + ".loss", learned.results.get(0).item(), VECTORS);
        fixture.check(name + ".perAnchor." + image, learned.results.get(1), VECTORS);
        fixture.check(name + ".perAnchor." + text, learned.results.get(2), VECTORS);
        if (uni == null) {
            checkMask(fixture, name + ".candidates." + image, learned.results.get(3));
            checkMask(fixture, name + ".positives." + text, learned.results.get(4));
        }
        String gradients = name + ".grad.";
        for (String gradient : fixture.golden.names(gradients + leaves)) {
            fixture.check(gradient, learned.gradients.tensor(gradient.substring(gradients.length())), GRADIENTS);
        }
        assertThat(fixture.golden.names(gradients + "raw.")).hasSize(2);
    }

    /** Studies of the slots; those after the filled ones are free. */
    private static Tensor filled(SenseFixture fixture, String name, int filled) {
        double[] studies = fixture.golden.values(name);
        Arrays.fill(studies, filled, studies.length, -1);
        return fixture.scope.tensor(SenseFixture.host(name, ElementType.I64, studies, studies.length));
    }

    /** The fixture's columns end with the filled slots; the others are no candidates. */
    private static void checkMask(SenseFixture fixture, String name, Tensor mask) {
        int filled = Math.toIntExact(fixture.golden.shape(name).get(1));
        int all = Math.toIntExact(mask.shape().get(1));
        double[][] rows = LossRun.rows(mask.toDoubles(), all);
        double[] seen = Arrays.stream(rows)
                .flatMapToDouble(row -> Arrays.stream(row, 0, filled))
                .toArray();
        fixture.check(name, seen, 0);
        assertThat(Arrays.stream(rows)
                        .flatMapToDouble(row -> Arrays.stream(row, filled, all))
                        .sum())
                .isZero();
    }

    private static String vector(ScriptBuilder program, String name) {
        ScriptOps.writeUnit(program);
        return name.startsWith("raw.") ? "self.unit(p, " + program.parameter(name) + ")" : program.parameter(name);
    }

    /** The raw outputs of the fixture, or their unit vectors, as parameters {@code raw.NAME} or {@code unit.NAME}. */
    private static Parameters unitOrRaw(SenseFixture fixture, String leaves, List<String> names) {
        if (leaves.equals("raw.")) {
            return fixture.parameters(names.stream().map(leaves::concat).toList());
        }
        Parameters store = new Parameters(fixture.torch);
        for (String name : names) {
            List<Long> shape = fixture.golden.shape("raw." + name);
            int width = Math.toIntExact(shape.get(1));
            double[] units = Arrays.stream(LossRun.rows(fixture.golden.values("raw." + name), width))
                    .flatMapToDouble(row -> Arrays.stream(LossOracle.unit(row)))
                    .toArray();
            store.add(leaves + name, fixture.type, shape);
            store.copyIn(SenseFixture.host(leaves + name, fixture.type, units, shape.get(0), width));
        }
        return store;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void multiModalContrastsAgree(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("s_mmc", type)) {
            JsonNode cases = fixture.config().get("cases");
            assertThat(cases.size()).isGreaterThanOrEqualTo(9);
            cases.fieldNames().forEachRemaining(name -> checkMultiModal(fixture, name, cases.get(name)));
        }
    }

    private static void checkMultiModal(SenseFixture fixture, String name, JsonNode options) {
        JsonNode config = fixture.config();
        Fusion fusion = Fusion.valueOf(options.get("fusion").asText());
        String wide = fusion == Fusion.CONCAT ? ".concat" : "";
        LossSpec spec = new LossSpec(
                config.get("tau").asDouble(),
                config.get("tauP").asDouble(),
                true,
                SameStudyKeys.DROP,
                false,
                MmcForm.valueOf(options.get("mmcForm").asText()),
                MmcAnchor.valueOf(options.get("mmcAnchor").asText()),
                false);
        SenseLosses losses = new SenseLosses(spec, new LossWeights(0, 1, 0), fusion, false);
        boolean isEmpty = name.equals("queueLabelEmpty");
        int size = Math.toIntExact(fixture.golden.shape("labels").get(0));
        int length = Math.toIntExact(fixture.golden.shape("queue.fusedLabels").get(0));
        int clusters = Math.toIntExact(fixture.golden.shape("centroids").get(0));
        Parameters store = unitOrRaw(fixture, "raw.", List.of("imageCross", "textCross"));
        ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
        losses.writeParts(program);
        losses.write(program, "losses", 1);
        program.function(
                "golden",
                "k: List[Tensor], q: List[Tensor], c: List[Tensor], studies: Tensor",
                "List[Tensor]",
                """
                z = [%s, %s]
                total = (self.losses(p, z, k, q, c, studies))[0]
                keys = self.fuse(p, k[0], k[1])
                return [total, keys, %s]
                """.formatted(
                                vector(program, "raw.imageCross"),
                                vector(program, "raw.textCross"),
                                String.join(", ", perAnchor(program, spec, fusion))));
        double[] phi = options.get("concentration").asBoolean()
                ? fixture.golden.values("phi.concentration")
                : IntStream.range(0, clusters)
                        .mapToDouble(k -> spec.tauPrototype())
                        .toArray();
        StepScope scope = fixture.scope;
        Tensor studies = scope.tensor(SenseFixture.host(
                "studies",
                ElementType.I64,
                IntStream.range(0, size).asDoubleStream().toArray(),
                size));
        Tensor free = scope.tensor(SenseFixture.host(
                "free",
                ElementType.I64,
                LongStream.range(0, length).mapToDouble(i -> -1).toArray(),
                length));
        Tensor fusedLabels = isEmpty
                ? scope.tensor(SenseFixture.host(
                        "free",
                        ElementType.I64,
                        LongStream.range(0, length).mapToDouble(i -> -1).toArray(),
                        length))
                : fixture.tensor("queue.fusedLabels");
        Script script = Script.compile(fixture.torch, program.text());
        Gradients gradients = new Gradients(store, program.trained());
        List<List<Tensor>> lists = List.of(
                program.arguments(store),
                List.of(fixture.tensor("keys.imageCross.hat"), fixture.tensor("keys.textCross.hat")),
                // The queues of S-CMC are not read.
                List.of(free, scope.scalar(0), scope.scalar(0), fixture.tensor("queue.fused" + wide), fusedLabels),
                List.of(
                        fixture.tensor(isEmpty ? name + ".labels" : "labels"),
                        fixture.tensor("centroids" + wide),
                        scope.tensor(SenseFixture.host("phi", fixture.type, phi, clusters))));
        List<Tensor> results = Gradients.record(() -> script.call(scope, "golden", lists, studies));
        Gradients.backward(scope, results.get(0));
        fixture.checkScalar(name + ".loss", results.get(0).item(), VECTORS);
        fixture.check("keys.fused" + wide, results.get(1), VECTORS);
        List<String> anchors = fixture.golden.names(name + ".perAnchor.");
        assertThat(anchors).hasSize(results.size() - 2);
        for (String anchor : anchors) {
            fixture.check(anchor, results.get(anchor.endsWith(".textCross") ? 3 : 2), VECTORS);
        }
        for (String leaf : fixture.golden.names(name + ".grad.")) {
            fixture.check(leaf, gradients.tensor(leaf.substring((name + ".grad.").length())), GRADIENTS);
        }
    }

    /** The losses of the anchors: those of images and of reports, or the fused ones. */
    private static List<String> perAnchor(ScriptBuilder program, LossSpec spec, Fusion fusion) {
        boolean isFused = spec.mmcAnchor() == MmcAnchor.FUSED;
        List<String> losses = new ArrayList<>();
        for (int side = 0; side < (isFused ? 1 : 2); side++) {
            String anchor = isFused ? "self.fuse(p, z[0], z[1])" : "z[" + side + "]";
            String centroids =
                    fusion == Fusion.MEAN || isFused ? "c[1]" : "self.unit(p, (torch.chunk(c[1], 2, 1))[" + side + "])";
            losses.add(
                    spec.mmcForm() == MmcForm.PROTO
                            ? "self.proto(p, " + anchor + ", c[0], " + centroids + ", c[2])"
                            : "self.label_nce(p, " + anchor + ", keys, c[0], q[3], q[4])");
        }
        ScriptOps.writeUnit(program);
        return losses;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void totalsAgree(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("total", type)) {
            JsonNode config = fixture.config();
            List<String> spaces = List.of("imageCross", "textCross", "imageUni", "textUni");
            Map<String, Double> parts = new LinkedHashMap<>();
            config.get("weights").fieldNames().forEachRemaining(name -> {
                JsonNode each = config.get("weights").get(name);
                LossWeights weights = new LossWeights(
                        each.get(0).asDouble(),
                        each.get(1).asDouble(),
                        each.get(2).asDouble());
                LossSpec spec = new LossSpec(
                        config.get("tau").asDouble(),
                        config.get("tauP").asDouble(),
                        true,
                        SameStudyKeys.DROP,
                        false,
                        MmcForm.PROTO,
                        MmcAnchor.PER_MODALITY,
                        false);
                SenseLosses losses = new SenseLosses(spec, weights, Fusion.MEAN, true);
                List<String> read = spaces.subList(losses.readsCross() ? 0 : 2, losses.readsUni() ? 4 : 2);
                Parameters store = unitOrRaw(fixture, "raw.", read);
                ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
                losses.writeParts(program);
                losses.write(program, "losses", 1);
                String vectors = String.join(
                        ", ",
                        read.stream()
                                .map(space -> vector(program, "raw." + space))
                                .toList());
                boolean readsLabels = losses.readsLabels();
                program.function(
                        "golden",
                        "k: List[Tensor], q: List[Tensor], c: List[Tensor], studies: Tensor",
                        "List[Tensor]",
                        "return self.losses(p, [%s], k, q%s, studies)\n".formatted(vectors, readsLabels ? ", c" : ""));
                List<Tensor> queues = new ArrayList<>(List.of(fixture.tensor("queue.studyKeys")));
                spaces.forEach(space -> queues.add(fixture.tensor("queue." + space)));
                Script script = Script.compile(fixture.torch, program.text());
                Gradients gradients = new Gradients(store, program.trained());
                List<List<Tensor>> lists = List.of(
                        program.arguments(store),
                        spaces.stream()
                                .map(space -> fixture.tensor("keys." + space + ".hat"))
                                .toList(),
                        queues,
                        List.of(labelsByStudy(fixture), fixture.tensor("centroids"), phi(fixture, spec)));
                List<Tensor> results = Gradients.record(
                        () -> script.call(fixture.scope, "golden", lists, fixture.tensor("studyKeys")));
                Gradients.backward(fixture.scope, results.get(0));
                fixture.checkScalar(name + ".loss", results.get(0).item(), VECTORS);
                double[] figures = results.get(1).toDoubles();
                for (int i = 0; i < figures.length; i++) {
                    parts.put(losses.figures().get(i), figures[i]);
                }
                for (String space : spaces) {
                    String leaf = "raw." + space;
                    fixture.check(
                            name + ".grad." + leaf,
                            read.contains(space)
                                    ? gradients.tensor(leaf).toDoubles()
                                    : new double[fixture.golden.values(leaf).length],
                            GRADIENTS);
                }
            });
            List.of("cmc", "mmc", "umc")
                    .forEach(loss -> fixture.checkScalar(loss, Objects.requireNonNull(parts.get(loss)), VECTORS));
        }
    }

    /** [R], the label of each study of the batch at its row. */
    private static Tensor labelsByStudy(SenseFixture fixture) {
        long[] studies = fixture.longs("studyKeys");
        long[] queued = fixture.longs("queue.studyKeys");
        int rows = (int) LongStream.concat(Arrays.stream(studies), Arrays.stream(queued))
                        .max()
                        .orElseThrow()
                + 1;
        double[] labels = new double[rows];
        for (int i = 0; i < studies.length; i++) {
            labels[(int) studies[i]] = fixture.golden.values("labels")[i];
        }
        return fixture.scope.tensor(SenseFixture.host("labels", ElementType.I64, labels, rows));
    }

    private static Tensor phi(SenseFixture fixture, LossSpec spec) {
        int clusters = Math.toIntExact(fixture.golden.shape("centroids").get(0));
        double[] phi = new double[clusters];
        Arrays.fill(phi, spec.tauPrototype());
        return fixture.scope.tensor(SenseFixture.host("phi", fixture.type, phi, clusters));
    }

    @ParameterizedTest
    @CsvSource({"MEAN, F32", "MEAN, F64", "CONCAT, F32", "CONCAT, F64"})
    void studyFeaturesAgree(Fusion fusion, ElementType type) {
        try (SenseFixture fixture = new SenseFixture("study_features", type);
                StudyFeatures join = new StudyFeatures(fixture.torch, fusion)) {
            long images = fixture.golden.shape("images").get(0);
            List<List<Integer>> all = SenseFixture.ranges(fixture.longs("imageOffsets"));
            long[] picks = fixture.longs("picks");
            List<List<Integer>> sampled = IntStream.range(0, all.size())
                    .mapToObj(study -> List.of(all.get(study).get((int) picks[study])))
                    .toList();
            Map.of("ALL", all, "SAMPLED", sampled).forEach((which, places) -> {
                Tensor found = join.of(
                        fixture.scope,
                        fixture.tensor("images"),
                        SenseFixture.table(fixture.scope, places, images),
                        fixture.tensor("texts"));
                fixture.check("output." + which + "." + fusion, found, VECTORS);
            });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void queuesAgree(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("queue", type)) {
            JsonNode config = fixture.config();
            int dim = Math.toIntExact(
                    fixture.golden.shape("step1.keys.imageCross").get(1));
            try (Rings rings = new Rings(fixture.torch, config.get("length").asInt(), dim, true, null, type)) {
                List<String> spaces = List.of("imageCross", "textCross", "imageUni", "textUni");
                for (int step = 1; step <= config.get("counts").size(); step++) {
                    String prefix = "step" + step + ".";
                    for (String seen : fixture.golden.names(prefix + "seen.")) {
                        String name = seen.substring((prefix + "seen.").length());
                        double[] slots = values(fixture, rings.copyState(), name);
                        double[] visible = fixture.golden.values(seen);
                        SenseFixture.assertClose(seen, Arrays.copyOf(slots, visible.length), visible, 1e-7);
                    }
                    List<Tensor> keys = spaces.stream()
                            .map(space -> fixture.tensor(prefix + "keys." + space))
                            .toList();
                    long filled = rings.enqueue(fixture.scope, keys, fixture.tensor(prefix + "studyKeys"));
                    assertThat(filled)
                            .isEqualTo(config.get("counts").get(step - 1).asLong());
                    for (String name : fixture.golden.names(prefix + "queue.")) {
                        String own = name.substring((prefix + "queue.").length());
                        fixture.check(name, values(fixture, rings.copyState(), own), 1e-7);
                    }
                }
            }
        }
    }

    private static double[] values(SenseFixture fixture, List<HostTensor> tensors, String name) {
        return fixture.scope
                .tensor(tensors.stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .toDoubles();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void theMovingAverageAgrees(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("ema", type)) {
            StateDictLayout layout = new StateDictLayout();
            long[] convolution = sizes(fixture, "step0.conv.weight");
            layout.convolution("conv", convolution[1], convolution[0], convolution[2], Init.constant(0));
            layout.batchNorm("bn", convolution[0]);
            long[] linear = sizes(fixture, "step0.fc.weight");
            layout.linear("fc", linear[1], linear[0]);
            Parameters normal = layout.allocate(fixture.torch, type);
            layout.shapes().keySet().forEach(name -> normal.copyIn(fixture.host("step0." + name, name)));
            MomentumWeights momentum = new MomentumWeights(
                    fixture.torch,
                    layout,
                    name -> false,
                    normal,
                    fixture.config().get("m").asDouble());
            ScriptBuilder learning = network(Mode.TRAIN);
            ScriptBuilder answering = network(Mode.EVAL);
            Script train = Script.compile(fixture.torch, learning.text());
            Script evaluate = Script.compile(fixture.torch, answering.text());
            for (int step = 1; fixture.golden.names("step" + step + ".images").size() == 1; step++) {
                String prefix = "step" + step + ".";
                Tensor images = fixture.tensor(prefix + "images");
                fixture.check(
                        prefix + "output",
                        train.call(fixture.scope, "net", List.of(learning.arguments(normal)), images)
                                .get(0),
                        VECTORS);
                // What the forward pass moved stays; parameters are those after the given change.
                for (String name : List.of("conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias")) {
                    normal.copyIn(fixture.host(prefix + name, name));
                }
                momentum.follow(fixture.scope);
                for (String name : layout.shapes().keySet()) {
                    fixture.check(prefix + name, normal.tensor(name), VECTORS);
                    fixture.check(
                            prefix + "momentum." + name, momentum.parameters().tensor(name), VECTORS);
                }
                fixture.check(
                        prefix + "momentum.output",
                        evaluate.call(
                                        fixture.scope,
                                        "net",
                                        List.of(answering.arguments(momentum.parameters())),
                                        fixture.tensor(prefix + "images"))
                                .get(0),
                        VECTORS);
            }
        }
    }

    private static long[] sizes(SenseFixture fixture, String name) {
        return fixture.golden.shape(name).stream().mapToLong(Long::longValue).toArray();
    }

    private static ScriptBuilder network(Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        program.function("net", "x: Tensor", "Tensor", """
                x = torch.relu(%s)
                x = torch.mean(x, [2, 3])
                return %s
                """.formatted(
                        program.batchNorm("bn", program.convolution("conv", "x", 1, 0)), program.linear("fc", "x")));
        return program;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void clippedStepsAgree(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("optimizer", type)) {
            JsonNode config = fixture.config();
            List<String> names = fixture.golden.names("step0.").stream()
                    .map(name -> name.substring("step0.".length()))
                    .toList();
            Map<String, String> first = new LinkedHashMap<>();
            names.forEach(name -> first.put(name, "step0." + name));
            Parameters store = fixture.parameters(first);
            OptimizerSpec spec = new OptimizerSpec(
                    OptimizerSpec.Algorithm.ADAMW,
                    config.get("betas").get(0).asDouble(),
                    config.get("betas").get(1).asDouble(),
                    config.get("eps").asDouble(),
                    config.get("weightDecay").asDouble(),
                    config.get("clip").asDouble());
            Sense sense = new Sense(TinySense.model(true), TinySense.VOCABULARY);
            List<FusedAdam.Group> groups = ParameterGroup.split(names, sense.groups(), spec.weightDecay());
            for (FusedAdam.Group group : groups) {
                for (String name : group.names()) {
                    assertThat(group.weightDecay() > 0)
                            .as(name)
                            .isEqualTo(config.get("decays").get(name).asBoolean());
                }
            }
            Gradients gradients = new Gradients(store, names);
            GlobalNorm norm = new GlobalNorm(fixture.torch, gradients);
            FusedAdam adam = new FusedAdam(fixture.torch, spec, store, gradients, groups);
            Script script = Script.compile(fixture.torch, """
                    def loss(self: __torch__.Script, p: List[Tensor], c: List[Tensor]) -> Tensor:
                      return torch.sum(torch.stack([torch.sum(x) for x in torch._foreach_mul(p, c)]))
                    """);
            EpochWarmupCosine rates = new EpochWarmupCosine(
                    config.get("epochs").asInt(),
                    config.get("warmup").asInt(),
                    config.get("lr").asDouble());
            int steps =
                    config.get("epochs").asInt() * config.get("stepsPerEpoch").asInt();
            for (int step = 1; step <= steps; step++) {
                String prefix = "step" + step + ".";
                int at = step - 1;
                try (StepScope scope = fixture.torch.newStep()) {
                    gradients.clear();
                    List<Tensor> wanted = names.stream()
                            .map(name -> scope.tensor(fixture.host(prefix + "grad." + name, name)))
                            .toList();
                    Gradients.backward(
                            scope,
                            Gradients.record(() -> script.call(scope, "loss", List.of(store.tensors(names), wanted)))
                                    .get(0));
                    double rate = rates.rate(at / config.get("stepsPerEpoch").asInt());
                    check(fixture, "lr", at, rate, 1e-9);
                    check(
                            fixture,
                            "gradientNorm",
                            at,
                            norm.clip(scope, config.get("clip").asDouble()),
                            VECTORS);
                    adam.step(scope, rate);
                }
                for (String name : names) {
                    fixture.check(prefix + name, store.tensor(name), VECTORS);
                }
            }
            for (String name : fixture.golden.names("optimizer.")) {
                fixture.check(name, values(fixture, adam.copyState(), name.substring("optimizer.".length())), VECTORS);
            }
        }
    }

    private static void check(SenseFixture fixture, String scalar, int at, double actual, double tolerance32) {
        double expected =
                fixture.golden.json().get("scalars").get(scalar).get(at).asDouble();
        SenseFixture.assertClose(
                scalar,
                new double[] {actual},
                new double[] {expected},
                fixture.type == ElementType.F64 ? 1e-9 : tolerance32);
    }
}
