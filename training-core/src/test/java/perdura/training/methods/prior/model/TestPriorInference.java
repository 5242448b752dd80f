package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.datasets.text.EncodedReport;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.PriorSpecs;
import perdura.training.method.PairModel.PairScores;
import perdura.training.methods.prior.model.PriorInference.EncodedImages;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestPriorInference {
    private static final int VOCABULARY = 120;

    /** Tolerances: the README of the fixtures. */
    @ParameterizedTest
    @CsvSource({"prompts, F32", "prompts, F64", "reports, F32", "reports, F64"})
    void scoresAgreeWithPyTorch(String kind, ElementType type) {
        try (GoldenRun run = new GoldenRun("scoring", type);
                StepScope scope = run.torch.newStep()) {
            Prior prior = new Prior(run.fixture.modelSpec(), run.fixture.vocabulary());
            PriorInference inference = new PriorInference(run.torch, run.store, prior, PriorSpecs.stage(3, 1));
            EncodedImages images = inference.encodeImages(scope, run.store.tensor("input.images"));
            EncodedTexts texts = inference.encodeAtOnce(
                    scope,
                    run.store.tensors(List.of(
                            "input." + kind + ".ids",
                            "input." + kind + ".attention_mask",
                            "input." + kind + ".sentence_map")));
            PairScores scores = inference.score(images, texts, () -> {});
            double scale = run.fixture.values("weight.global_log_scale")[0];
            double[] global = Arrays.stream(flat(scores.size(), scores::cosines))
                    .map(cosine -> scale * cosine)
                    .toArray();
            double tolerance = type == ElementType.F64 ? 1e-9 : 1e-4;
            run.checkOutput("output." + kind + ".log.global", global, tolerance);
            run.checkOutput("output." + kind + ".local", flat(scores.size(), scores::local), tolerance);
        }
    }

    @ParameterizedTest
    @EnumSource
    void localScoresAreMeansOfTheMapsThatTrainingSees(LamActivation activation) {
        try (Trained trained = new Trained(activation, 2);
                StepScope scope = trained.torch.newStep()) {
            EncodedImages images = trained.inference.encodeImages(scope, trained.images(scope, 3));
            EncodedTexts texts = trained.inference.encodeTexts(scope, trained.reports(1, 4, 2), () -> {});
            PairScores scores = trained.inference.score(images, texts, () -> {});
            for (int text = 0; text < texts.size(); text++) {
                List<Tensor> maps = trained.inference.localMaps(scope, images, texts, text);
                List<Tensor> seen = trained.lam(scope, images, texts, text);
                GoldenRun.assertClose(
                        "A_s", maps.get(0).toDoubles(), seen.get(0).toDoubles(), 1e-6);
                GoldenRun.assertClose(
                        "A_v", maps.get(1).toDoubles(), seen.get(1).toDoubles(), 1e-6);
                for (int image = 0; image < images.size(); image++) {
                    assertThat(scores.local(image)[text])
                            .isCloseTo((mean(maps.get(0), image, 3) + mean(maps.get(1), image, 3)) / 2, within(1e-6));
                }
            }
        }
    }

    @Test
    void aTextIsEncodedAlikeAloneAndAmongManyOthers() {
        try (Trained trained = new Trained(LamActivation.SIGMOID, 2);
                StepScope scope = trained.torch.newStep()) {
            int[] sentences = IntStream.range(0, 70).map(i -> 1 + i % 4).toArray();
            EncodedTexts many = trained.inference.encodeTexts(scope, trained.reports(sentences), () -> {});
            EncodedTexts alone = trained.inference.encodeTexts(
                    scope, trained.reports(sentences).subList(69, 70), () -> {});
            int width = 24;
            assertThat(many.size()).isEqualTo(70);
            assertThat(many.sentenceCount()).isEqualTo(Arrays.stream(sentences).sum());
            for (Tensor[] pair : new Tensor[][] {
                {many.raw(), alone.raw()}, {many.sentences(), alone.sentences()}, {many.global(), alone.global()}
            }) {
                double[] last = pair[0].toDoubles();
                double[] expected = pair[1].toDoubles();
                GoldenRun.assertClose(
                        "last text",
                        Arrays.copyOfRange(last, last.length - expected.length, last.length),
                        expected,
                        1e-5);
            }
            assertThat(alone.raw().shape()).containsExactly((long) sentences[69], (long) width);
        }
    }

    @Test
    void aStageWithoutTheBankPoolsTheSentencesThemselves() {
        try (Trained first = new Trained(LamActivation.SIGMOID, 1);
                StepScope scope = first.torch.newStep()) {
            EncodedTexts texts = first.inference.encodeTexts(scope, first.reports(3, 2), () -> {});
            assertThat(texts.sentences().toDoubles())
                    .containsExactly(texts.raw().toDoubles());
        }
        try (Trained second = new Trained(LamActivation.SIGMOID, 2);
                StepScope scope = second.torch.newStep()) {
            EncodedTexts texts = second.inference.encodeTexts(scope, second.reports(3, 2), () -> {});
            double[] bank = second.parameters.tensor("spb.prototypes").toDoubles();
            double[] weights = second.inference
                    .prototypeWeights(scope, texts, PriorSpecs.SPB.evaluationTau())
                    .toDoubles();
            double[] mixed = new double[texts.sentenceCount() * 24];
            for (int i = 0; i < mixed.length; i++) {
                for (int k = 0; k < 20; k++) {
                    mixed[i] += weights[i / 24 * 20 + k] * bank[k * 24 + i % 24];
                }
            }
            GoldenRun.assertClose("S", texts.sentences().toDoubles(), mixed, 1e-6);
        }
    }

    @Test
    void twoPassesGiveTheSameBits() {
        try (Trained trained = new Trained(LamActivation.SIGMOID, 3)) {
            assertThat(trained.scores()).containsExactly(trained.scores());
        }
    }

    @Test
    void refusesATextWithoutASentence() {
        try (Trained trained = new Trained(LamActivation.SIGMOID, 1);
                StepScope scope = trained.torch.newStep()) {
            List<EncodedReport> texts = List.of(EncodedReport.of(List.of(), 16));
            assertThatThrownBy(() -> trained.inference.encodeTexts(scope, texts, () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("text 0");
        }
    }

    private static double[] flat(int rows, IntFunction<double[]> row) {
        return IntStream.range(0, rows)
                .mapToObj(row)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** Mean of one image's part of [images, ...]. */
    private static double mean(Tensor maps, int image, int images) {
        double[] values = maps.toDoubles();
        int size = values.length / images;
        return Arrays.stream(values, image * size, (image + 1) * size).average().orElseThrow();
    }

    /** A tiny model with first weights that are a function of its names. */
    private static final class Trained implements AutoCloseable {
        final Torch torch = Torch.start("cpu", 1);
        final Prior prior;
        final Parameters parameters;
        final PriorInference inference;

        Trained(LamActivation activation, int stage) {
            prior = new Prior(PriorSpecs.tiny(activation, 0.1, PriorSpecs.SPB, PriorSpecs.CCR), VOCABULARY);
            parameters = prior.layout().allocate(torch, ElementType.F32);
            Initializer.fill(torch, prior.layout(), parameters, 7);
            inference = new PriorInference(torch, parameters, prior, PriorSpecs.stage(stage, 1));
        }

        Tensor images(StepScope scope, int count) {
            java.nio.FloatBuffer pixels = java.nio.FloatBuffer.allocate(count * 64 * 64);
            for (int i = 0; i < pixels.capacity(); i++) {
                pixels.put((float) Math.sin(0.01 * i * (1 + i / 4096)));
            }
            return scope.floats(pixels.flip(), count, 1, 64, 64);
        }

        /** A report with each of these numbers of sentences, of 2 pieces each. */
        List<EncodedReport> reports(int... sentences) {
            return IntStream.range(0, sentences.length)
                    .mapToObj(report -> EncodedReport.of(
                            IntStream.range(0, sentences[report])
                                    .mapToObj(k -> new int[] {104 + (report + k) % 16, 104 + (3 * k) % 16})
                                    .toList(),
                            16))
                    .toList();
        }

        /** A_s and A_v of the module that training runs. */
        List<Tensor> lam(StepScope scope, EncodedImages images, EncodedTexts texts, int text) {
            ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
            GoldenRun.writeLam(prior.lam(), program);
            program.function("maps", "v: Tensor, s: Tensor, from: Tensor, count: Tensor", "List[Tensor]", """
                    own = torch.narrow(s, 0, int(from), int(count))
                    own = torch.expand(torch.unsqueeze(own, 0), [torch.size(v, 0), -1, -1])
                    every = torch.ones_like(torch.select(own, 2, 0), dtype=11)
                    return self.lam(p, v, own, every)
                    """);
            return Script.compile(torch, program.text())
                    .call(
                            scope,
                            "maps",
                            List.of(program.arguments(parameters)),
                            images.patches(),
                            texts.sentences(),
                            scope.scalar(texts.offsets().get(text)),
                            scope.scalar(texts.sentenceCount(text)));
        }

        double[] scores() {
            try (StepScope scope = torch.newStep()) {
                PairScores scores = inference.score(
                        inference.encodeImages(scope, images(scope, 5)),
                        inference.encodeTexts(scope, reports(1, 2, 3, 4), () -> {}),
                        () -> {});
                return flat(scores.size(), scores::local);
            }
        }

        @Override
        public void close() {
            torch.close();
        }
    }
}
