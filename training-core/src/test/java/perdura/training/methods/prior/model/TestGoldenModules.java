package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.Gather;
import perdura.training.nn.GlobalLoss;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;

/** Tolerances: the README of the fixtures. */
class TestGoldenModules {
    private static final String VALID = """
            rows = torch.arange(0, torch.size(%1$s, 1), dtype=None, layout=None, device=%1$s.device)
            valid = torch.lt(torch.unsqueeze(rows, 0), torch.unsqueeze(%2$s, 1))
            """;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void attentionPoolAgreesWithPyTorch(ElementType type) {
        try (GoldenRun run = new GoldenRun("attention_pool", type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            prior(run).imagePool().write(program, "image_pool");
            StageModules.writePatches(program);
            program.function("golden", "", "List[Tensor]", """
                    local = self.patches(p, %s)
                    every = torch.ones_like(torch.select(local, 2, 0), dtype=11)
                    pooled = self.image_pool(p, local, every)
                    return [torch.sum(torch.mul(pooled, %s)), local, pooled]
                    """.formatted(
                            program.parameter("input.feature_map"), program.buffer("cotangent.pooled")));
            run.check(program, "functional", List.of("output.local", "output.pooled"), 1e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void tokenPoolAgreesWithPyTorch(ElementType type) {
        try (GoldenRun run = new GoldenRun("token_pool", type)) {
            ModelSpec spec = run.fixture.modelSpec();
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            new TokenPool("text.token_pool", spec.dim(), spec.heads().tokenPoolDim(), Gather.MEAN)
                    .write(program, "mean");
            new TokenPool("text.token_pool", spec.dim(), spec.heads().tokenPoolDim(), Gather.ATTENTION)
                    .write(program, "attention");
            program.function("golden", "", "List[Tensor]", """
                    rows = int(torch.max(%s))
                    attention = self.attention(p, %s, %s, rows)
                    mean = self.mean(p, %s, %s, rows)
                    a = torch.sum(torch.mul(attention, %s))
                    return [torch.add(a, torch.sum(torch.mul(mean, %s))), attention, mean]
                    """.formatted(
                            program.buffer("input.sentence_count"),
                            program.parameter("input.tokens"),
                            program.buffer("input.sentence_map"),
                            program.parameter("input.tokens"),
                            program.buffer("input.sentence_map"),
                            program.buffer("cotangent.attention"),
                            program.buffer("cotangent.mean")));
            run.check(program, "functional", List.of("output.attention", "output.mean"), 2e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void sentencePoolAgreesWithPyTorch(ElementType type) {
        try (GoldenRun run = new GoldenRun("sentence_pool", type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            prior(run).sentencePool().write(program, "sentence_pool");
            String sentences = program.parameter("input.sentences");
            program.function(
                    "golden",
                    "",
                    "List[Tensor]",
                    VALID.formatted(sentences, program.buffer("input.sentence_count"))
                            + """
                            pooled = self.sentence_pool(p, %s, valid)
                            return [torch.sum(torch.mul(pooled, %s)), pooled]
                            """.formatted(sentences, program.buffer("cotangent.pooled")));
            run.check(program, "functional", List.of("output.pooled"), 1e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void globalLossAgreesWithPyTorch(ElementType type) {
        try (GoldenRun run = new GoldenRun("global_loss", type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            new GlobalLoss("global_log_scale").write(program);
            program.function(
                    "golden",
                    "",
                    "List[Tensor]",
                    "return [self.global_loss(p, %s, %s)]\n"
                            .formatted(program.parameter("input.image"), program.parameter("input.text")));
            run.check(program, "loss", List.of(), 1e-4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lam, i2r, F32", "lam, r2i, F32", "lam, i2r, F64", "lam, r2i, F64",
        "lam_softmax, i2r, F32", "lam_softmax, r2i, F32", "lam_softmax, i2r, F64", "lam_softmax, r2i, F64"
    })
    void localAlignmentAgreesWithPyTorch(String fixture, String objective, ElementType type) {
        try (GoldenRun run = new GoldenRun(fixture, type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            GoldenRun.writeLam(prior(run).lam(), program);
            prior(run).predictor().write(program);
            GoldenRun.writeLosses(new LocalLosses("local_log_scale"), program);
            String patches = program.parameter("input.patches");
            String sentences = program.parameter("input.sentences");
            program.function(
                    "golden",
                    "",
                    "List[Tensor]",
                    VALID.formatted(sentences, program.buffer("input.sentence_count"))
                            + """
                            a_s, a_v, v_hat, s_hat, = self.lam(p, %s, %s, valid)
                            i2r = self.image_to_report(p, %s, v_hat, valid)
                            r2i = self.report_to_image(p, %s, s_hat)
                            return [%s, a_s, a_v, v_hat, s_hat]
                            """.formatted(patches, sentences, sentences, patches, objective));
            run.check(program, objective, List.of("output.a_s", "output.a_v", "output.v_hat", "output.s_hat"), 1e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void bertAgreesWithPyTorch(ElementType type) {
        try (GoldenRun run = new GoldenRun("bert", type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            prior(run).bert().write(program);
            program.function("golden", "", "List[Tensor]", """
                    hidden = self.bert(p, %s, %s)
                    real = torch.mul(hidden, torch.unsqueeze(%s, 2))
                    return [torch.sum(torch.mul(hidden, %s)), real]
                    """.formatted(
                            program.buffer("input.ids"),
                            program.buffer("input.attention_mask"),
                            program.buffer("input.attention_mask"),
                            program.buffer("cotangent.last_hidden")));
            run.check(program, "functional", List.of("output.last_hidden"), 1e-4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "resnet_train, TRAIN, F32",
        "resnet_train, TRAIN, F64",
        "resnet_eval, EVAL, F32",
        "resnet_eval, EVAL, F64"
    })
    void backboneAgreesWithPyTorch(String fixture, Mode mode, ElementType type) {
        try (GoldenRun run = new GoldenRun(fixture, type)) {
            List<String> outputs = run.fixture.names("output.");
            List<String> inputs = run.fixture.names("input.");
            List<String> cotangents = run.fixture.names("cotangent.");
            assertThat(List.of(outputs.size(), inputs.size(), cotangents.size()))
                    .containsOnly(1);
            ScriptBuilder program = new ScriptBuilder(mode);
            prior(run).backbone().write(program);
            program.function("golden", "", "List[Tensor]", """
                    map = self.backbone(p, %s)
                    return [torch.sum(torch.mul(map, %s)), map]
                    """.formatted(
                            program.parameter(inputs.get(0)), program.buffer(cotangents.get(0))));
            run.check(program, "functional", outputs, 1e-4);
            run.checkBuffers();
        }
    }

    @ParameterizedTest
    @CsvSource({"functional, F32", "proto, F32", "functional, F64", "proto, F64"})
    void prototypeBankAgreesWithPyTorch(String objective, ElementType type) {
        try (GoldenRun run = new GoldenRun("spb", type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            prior(run).bank().write(program);
            String x = program.parameter("input.x");
            program.function(
                    "golden",
                    "",
                    "List[Tensor]",
                    VALID.formatted(x, program.buffer("input.sentence_count"))
                            + """
                            tau = torch.full([], %s, dtype=7)
                            weights = self.spb_weights(p, %s, %s, tau)
                            mixed = self.spb_mix(p, weights, valid)
                            quiet = self.spb_mix(p, self.spb_quiet(p, %s), valid)
                            functional = torch.sum(torch.mul(mixed, %s))
                            proto = self.prototype_loss(p, mixed, %s, valid)
                            index = torch.masked_fill(torch.argmax(weights, -1), torch.logical_not(valid), -1)
                            real = torch.mul(weights, torch.unsqueeze(valid, 2))
                            return [%s, real, index, mixed, quiet]
                            """.formatted(
                                            run.fixture.scalar("tau"),
                                            x,
                                            program.buffer("input.noise"),
                                            x,
                                            program.buffer("cotangent.mixed"),
                                            x,
                                            objective));
            List<String> outputs = List.of("output.weights", "output.index", "output.mixed", "output.evaluation");
            run.check(program, objective, outputs, 1e-4, type == ElementType.F64 ? 1e-9 : 1e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void gumbelNoiseAgreesWithPyTorch(ElementType type) {
        try (GoldenRun run = new GoldenRun("spb", type)) {
            ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
            PrototypeBank.writeGumbel(program);
            program.function(
                    "golden", "", "Tensor", "return self.gumbel(p, %s)\n".formatted(program.buffer("input.uniform")));
            double[] noise = run.evaluate(program).get(0).toDoubles();
            double[] uniform = run.fixture.values("input.uniform");
            double[] expected = run.fixture.values("input.noise");
            assertThat(noise).hasSameSizeAs(expected);
            for (int i = 0; i < noise.length; i++) {
                if (type == ElementType.F64 || uniform[i] < 0.99999) { // 1 - 1e-7 is no float32
                    double tolerance = (type == ElementType.F64 ? 1e-9 : 1e-4) * GoldenRun.largest(expected);
                    assertThat(noise[i]).as("noise[%d]", i).isCloseTo(expected[i], within(tolerance));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"functional, F32", "spg, F32", "kl, F32", "functional, F64", "spg, F64", "kl, F64"})
    void reportBranchAgreesWithPyTorch(String objective, ElementType type) {
        try (GoldenRun run = new GoldenRun("report_branch", type)) {
            Prior prior = prior(run);
            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            prior.bank().write(program);
            prior.sentenceDecoder().write(program);
            new CrossModality(prior.spec().ccr()).write(program);
            String x = program.parameter("input.x");
            program.function(
                    "decode",
                    "",
                    "List[Tensor]",
                    VALID.formatted(x, program.buffer("input.sentence_count"))
                            + """
                            weights = self.spb_weights(p, %s, %s, torch.full([], %s, dtype=7))
                            targets = self.spb_mix(p, weights, valid)
                            y = self.sentence_decoder(p, %s)
                            return [y, targets, self.matching_cost(p, y, targets)]
                            """.formatted(
                                            x,
                                            program.buffer("input.noise"),
                                            run.fixture.scalar("tau"),
                                            program.parameter("input.patches")));
            program.function(
                    "golden",
                    "c: List[Tensor], inverse: Tensor",
                    "List[Tensor]",
                    VALID.formatted(x, program.buffer("input.sentence_count"))
                            + """
                            y = c[0]
                            targets = c[1]
                            aligned = self.aligned(p, y, inverse)
                            functional = torch.sum(torch.mul(y, %s))
                            spg = self.generation_loss(p, aligned, targets)
                            kl = self.kl_loss(p, %s, aligned, valid)
                            return [%s, y, targets, c[2], inverse, aligned]
                            """.formatted(program.buffer("cotangent.y"), x, objective));
            List<String> outputs =
                    List.of("output.y", "output.targets", "output.cost", "output.inverse", "output.aligned");
            run.checkMatched(program, objective, outputs, 1e-4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "image_decoder, F32",
        "image_decoder, F64",
        "image_decoder_cells, F32",
        "image_decoder_cells, F64",
    })
    void imageDecoderAgreesWithPyTorch(String fixture, ElementType type) {
        try (GoldenRun run = new GoldenRun(fixture, type)) {
            ScriptBuilder evaluation = new ScriptBuilder(Mode.EVAL);
            prior(run).imageDecoder().write(evaluation);
            evaluation.function(
                    "golden",
                    "",
                    "Tensor",
                    "return self.image_decoder(p, %s, %s)\n"
                            .formatted(evaluation.buffer("input.patches"), evaluation.buffer("input.s_hat")));
            run.checkOutput(
                    "output.evaluation",
                    run.evaluate(evaluation).get(0).toDoubles(),
                    type == ElementType.F64 ? 1e-9 : 1e-5);

            ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
            prior(run).imageDecoder().write(program);
            program.function("golden", "", "List[Tensor]", """
                    image = self.image_decoder(p, self.hide(p, %s, %s), %s)
                    return [torch.mean(torch.abs(torch.sub(image, %s))), image]
                    """.formatted(
                            program.parameter("input.patches"),
                            program.buffer("input.keep"),
                            program.parameter("input.s_hat"),
                            program.buffer("input.image")));
            run.check(program, "img", List.of("output.reconstruction"), 2e-4);
            run.checkBuffers();
        }
    }

    private static Prior prior(GoldenRun run) {
        return new Prior(run.fixture.modelSpec(), run.fixture.vocabulary());
    }
}
