package perdura.training.methods.sense.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

class TestTextPooling {
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void theFirstOfEqualTokensWins(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("max_pooling", type)) {
            Parameters store = fixture.parameters(List.of("hidden", "mask", "cotangent"));
            ScriptBuilder program = pooling(true);
            program.function("golden", "", "List[Tensor]", """
                    best = self.token_max(p, %s, %s)
                    return [torch.sum(torch.mul(best[0], %s)), best[0], best[1]]
                    """.formatted(
                            program.parameter("hidden"), program.buffer("mask"), program.buffer("cotangent")));
            try (Script script = Script.compile(fixture.torch, program.text());
                    Gradients gradients = new Gradients(store, program.trained())) {
                List<Tensor> results =
                        Gradients.record(() -> script.call(fixture.scope, "golden", List.of(program.arguments(store))));
                Gradients.backward(fixture.scope, results.get(0));
                fixture.check("output.vector", results.get(1), 0);
                fixture.check("output.token", results.get(2), 0);
                fixture.check("grad.hidden", gradients.tensor("hidden"), 1e-6);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void tokensMakeSentencesAndSentencesReports(ElementType type) {
        try (SenseFixture fixture = new SenseFixture("max_max_pooling", type)) {
            Parameters store = fixture.parameters(List.of("hidden", "mask", "cotangent"));
            long sentences = fixture.golden.shape("hidden").get(0);
            long tokens = fixture.golden.shape("hidden").get(1);
            List<List<Integer>> own = SenseFixture.ranges(fixture.longs("offsets"));
            Tensor places = SenseFixture.table(fixture.scope, own, sentences);
            ScriptBuilder program = pooling(true);
            TextPooling.writeShares(program);
            program.function("golden", "places: Tensor", "List[Tensor]", """
                    best = self.token_max(p, %1$s, %2$s)
                    report = self.sentence_max(p, best[0], places)
                    row = torch.gather(places, 1, report[1])
                    token = torch.gather(best[1], 0, row)
                    share = self.shares(p, best[1], torch.size(%1$s, 1), report[1], places, torch.ones_like(report[0]))
                    return [torch.sum(torch.mul(report[0], %3$s)), best[0], report[0], row, token, share]
                    """.formatted(
                            program.parameter("hidden"), program.buffer("mask"), program.buffer("cotangent")));
            try (Script script = Script.compile(fixture.torch, program.text());
                    Gradients gradients = new Gradients(store, program.trained())) {
                List<Tensor> results = Gradients.record(
                        () -> script.call(fixture.scope, "golden", List.of(program.arguments(store)), places));
                Gradients.backward(fixture.scope, results.get(0));
                fixture.check("output.sentence", results.get(1), 0);
                fixture.check("output.report", results.get(2), 0);
                fixture.check("output.row", results.get(3), 0);
                fixture.check("output.token", results.get(4), 0);
                fixture.check("grad.hidden", gradients.tensor("hidden"), 1e-6);
                double[] shares = results.get(5).toDoubles();
                double[] bySentence = new double[(int) (sentences * tokens)];
                int most = own.stream().mapToInt(List::size).max().orElseThrow();
                for (int report = 0; report < own.size(); report++) {
                    for (int m = 0; m < own.get(report).size(); m++) {
                        System.arraycopy(
                                shares,
                                (int) ((report * most + m) * tokens),
                                bySentence,
                                (int) (own.get(report).get(m) * tokens),
                                (int) tokens);
                    }
                }
                fixture.check("output.activation", bySentence, 1e-6);
            }
        }
    }

    /** sense.md 5: sentence 1 with tokens (1,5), (3,2), sentence 2 with token (4,0) and a masked (9,9). */
    @Test
    void theWorkedExampleIsRight() {
        try (Torch torch = Torch.start("cpu", 1);
                StepScope scope = torch.newStep()) {
            ScriptBuilder program = pooling(true);
            TextPooling.writeShares(program);
            program.function("example", "hidden: Tensor, mask: Tensor, places: Tensor", "List[Tensor]", """
                    best = self.token_max(p, hidden, mask)
                    report = self.sentence_max(p, best[0], places)
                    share = self.shares(p, best[1], 2, report[1], places, torch.ones_like(report[0]))
                    return [best[0], report[0], share]
                    """);
            try (Script script = Script.compile(torch, program.text())) {
                List<Tensor> found = script.call(
                        scope,
                        "example",
                        List.of(List.of(scope.scalar(0))),
                        scope.tensor(SenseFixture.host(
                                "h", ElementType.F64, new double[] {1, 5, 3, 2, 4, 0, 9, 9}, 2, 2, 2)),
                        SenseFixture.table(scope, List.of(List.of(1, 1), List.of(1, 0)), 0),
                        SenseFixture.table(scope, List.of(List.of(0, 1)), 2));
                assertThat(found.get(0).toDoubles()).containsExactly(3, 5, 4, 0);
                assertThat(found.get(1).toDoubles()).containsExactly(4, 5);
                assertThat(found.get(2).toDoubles()).containsExactly(0.5, 0, 0.5, 0);
            }
        }
    }

    @Test
    void specialTokensCanBeLeftOut() {
        try (Torch torch = Torch.start("cpu", 1);
                StepScope scope = torch.newStep();
                Script script = Script.compile(torch, pooling(false).text())) {
            // [CLS] a b [SEP] and [CLS] c [SEP] [PAD], one dimension
            Tensor hidden = scope.tensor(
                    SenseFixture.host("h", ElementType.F64, new double[] {9, 1, 2, 8, 7, -3, 6, 5}, 2, 4, 1));
            Tensor mask = SenseFixture.table(scope, List.of(List.of(1, 1, 1, 1), List.of(1, 1, 1, 0)), 0);
            List<Tensor> found = script.call(scope, "token_max", List.of(List.of(scope.scalar(0))), hidden, mask);
            assertThat(found.get(0).toDoubles()).containsExactly(2, -3);
            assertThat(found.get(1).toDoubles()).containsExactly(2, 1);
        }
    }

    @Test
    void aReportIsTheMaximumOverAllItsTokensWhateverTheOrderOfSentences() {
        try (Model model = new Model()) {
            List<List<Integer>> ids = List.of(List.of(2, 5, 6, 3), List.of(2, 7, 3), List.of(2, 8, 9, 10, 3));
            double[] all = model.report(ids, List.of(0, 1, 2));
            assertThat(model.report(ids, List.of(2, 0, 1))).containsExactly(all);
            assertThat(model.report(ids, List.of(0, 1, 1, 2, 0)))
                    .as("duplicates")
                    .containsExactly(all);
            double[] some = model.report(ids, List.of(0, 1));
            assertThat(DoubleStream.iterate(0, i -> i < all.length, i -> i + 1)
                            .allMatch(i -> all[(int) i] >= some[(int) i]))
                    .as("a further sentence lowers nothing")
                    .isTrue();
            assertThat(model.report(List.of(ids.get(0)), List.of(0)))
                    .as("a report of one sentence is that sentence")
                    .containsExactly(model.sentences(List.of(ids.get(0))));
            double[] padded = model.sentences(List.of(List.of(2, 5, 6, 3), List.of(2, 8, 9, 10, 11, 12, 3)));
            double[] alone = model.sentences(List.of(List.of(2, 5, 6, 3)));
            for (int i = 0; i < alone.length; i++) {
                assertThat(padded[i]).as("further padding").isCloseTo(alone[i], within(1e-9));
            }
        }
    }

    @Test
    void editingASentenceLeavesTheOthersToTheBit() {
        try (Model model = new Model()) {
            double[] before = model.sentences(List.of(List.of(2, 5, 6, 3), List.of(2, 7, 8, 3)));
            double[] after = model.sentences(List.of(List.of(2, 5, 6, 3), List.of(2, 9, 10, 3)));
            int width = before.length / 2;
            assertThat(Arrays.copyOf(after, width)).containsExactly(Arrays.copyOf(before, width));
            assertThat(after).isNotEqualTo(before);
        }
    }

    @Test
    void joinedSentencesDependOnTheirOrder() {
        try (Model model = new Model()) {
            assertThat(model.sentences(List.of(List.of(2, 5, 6, 4, 7, 8, 3))))
                    .isNotEqualTo(model.sentences(List.of(List.of(2, 7, 8, 4, 5, 6, 3))));
        }
    }

    @Test
    void activationsOfAReportAddUpToOne() {
        try (Model model = new Model()) {
            List<List<Integer>> ids = List.of(List.of(2, 5, 6, 3), List.of(2, 7, 8, 3), List.of(2, 9, 10, 3));
            Tensor shares = model.encoder.activations(
                    model.scope,
                    SenseFixture.table(model.scope, ids, 0),
                    model.mask(ids),
                    SenseFixture.table(model.scope, List.of(List.of(0, 2), List.of(1)), 3),
                    model.scope.tensor(SenseFixture.host(
                            "w",
                            ElementType.F64,
                            DoubleStream.iterate(1, w -> w + 1)
                                    .limit(2 * Model.WIDTH)
                                    .toArray(),
                            2,
                            Model.WIDTH)));
            double[] values = shares.toDoubles();
            assertThat(shares.shape()).containsExactly(2L, 2L, 4L);
            assertThat(DoubleStream.of(values).limit(8).sum()).isCloseTo(1, within(1e-12));
            assertThat(DoubleStream.of(values).skip(8).limit(4).sum()).isCloseTo(1, within(1e-12));
            assertThat(DoubleStream.of(values).skip(12)).containsOnly(0.0);
        }
    }

    @Test
    void theInfluenceOfADimensionIsTheSlopeOfTheCosine() {
        try (Model model = new Model()) {
            double[] feature =
                    DoubleStream.iterate(0.3, x -> -1.1 * x).limit(Model.WIDTH).toArray();
            double[] image = {0.6, 0, -0.8, 0, 0};
            double[] found = model.encoder
                    .influence(model.scope, model.row(feature), model.row(image))
                    .toDoubles();
            double h = 1e-6;
            for (int d = 0; d < Model.WIDTH; d++) {
                double[] moved = feature.clone();
                moved[d] += h;
                assertThat(found[d])
                        .isCloseTo(
                                Math.abs(model.cosine(moved, image) - model.cosine(feature, image)) / h, within(1e-5));
            }
        }
    }

    private static ScriptBuilder pooling(boolean poolSpecials) {
        ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);
        new TextPooling(poolSpecials).write(program);
        return program;
    }

    /** A small SENSE with drawn weights, in double. */
    private static final class Model implements AutoCloseable {
        static final int WIDTH = 8;

        final Torch torch = Torch.start("cpu", 1);
        final StepScope scope = torch.newStep();
        final SenseEncoder encoder = TinySense.encoder(torch, TinySense.parameters(torch, ElementType.F64));

        Tensor row(double[] values) {
            return scope.tensor(SenseFixture.host("row", ElementType.F64, values, 1, values.length));
        }

        double cosine(double[] feature, double[] image) {
            return LossOracle.dot(encoder.crossReports(scope, row(feature)).toDoubles(), image);
        }

        Tensor mask(List<List<Integer>> ids) {
            return SenseFixture.table(
                    scope,
                    ids.stream().map(row -> row.stream().map(id -> 1).toList()).toList(),
                    0);
        }

        double[] sentences(List<List<Integer>> ids) {
            return encoder.sentences(scope, SenseFixture.table(scope, ids, 0), mask(ids))
                    .toDoubles();
        }

        double[] report(List<List<Integer>> ids, List<Integer> places) {
            ReportTensors texts = new ReportTensors(
                    List.of(SenseFixture.table(scope, ids, 0)),
                    List.of(mask(ids)),
                    SenseFixture.table(scope, List.of(places), ids.size()));
            return encoder.reports(scope, texts).toDoubles();
        }

        @Override
        public void close() {
            torch.close();
        }
    }
}
