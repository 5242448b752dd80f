package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.nn.GlobalLoss;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Anchors 1 to 5 and 10 of prior.md 9. */
class TestAnchors {
    private Torch torch;
    private Parameters store;
    private final ScriptBuilder program = new ScriptBuilder(Mode.TRAIN);

    @BeforeEach
    void start() {
        torch = Torch.start("cpu", 1);
        store = new Parameters(torch);
    }

    @AfterEach
    void stop() {
        torch.close();
    }

    @Test
    void everyModuleHasTheStatedNumberOfParameters() {
        StateDictLayout layout = new Prior(PriorSpecs.paper(), 28996).layout();
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("image.backbone.", 23_501_760L);
        expected.put("image.attention_pool.", 16_887_808L);
        expected.put("text.bert.", 108_310_272L);
        expected.put("text.bert.embeddings.", 22_665_216L);
        expected.put("text.bert.encoder.layer.11.", 7_087_872L);
        expected.put("text.bert.pooler.", 590_592L);
        expected.put("text.token_pool.", 147_648L);
        expected.put("text.sentence_pool.", 2_362_368L);
        expected.put("projection.image_global.", 1_573_632L);
        expected.put("projection.image_local.", 1_573_632L);
        expected.put("projection.text_local.", 590_592L);
        expected.put("lam.", 3_543_552L);
        expected.put("predictor.", 590_976L);
        expected.put("spb.", 393_216L);
        expected.put("sentence_decoder.queries", 12_288L);
        expected.put("sentence_decoder.encoder.", 56_710_656L);
        expected.put("sentence_decoder.embeddings.", 14_592L);
        expected.put("image_decoder.", 21_219_313L);
        expected.put("", 237_432_307L);
        Map<String, Long> actual = new LinkedHashMap<>();
        expected.keySet().forEach(prefix -> actual.put(prefix, layout.countParameters(prefix)));
        assertThat(actual).isEqualTo(expected);
    }

    @Test
    void equalPairsGiveTheLogarithmOfTheBatchAtAnyScale() {
        for (double scale : new double[] {1, 10, 100}) {
            Parameters fresh = new Parameters(torch);
            add(fresh, "scale", i -> Math.log(scale));
            add(fresh, "rows", i -> i % 4 == 0 ? 1 : 0, 128, 4);
            ScriptBuilder loss = new ScriptBuilder(Mode.TRAIN);
            new GlobalLoss("scale").write(loss);
            String rows = loss.parameter("rows");
            loss.function("run", "", "Tensor", "return self.global_loss(p, %s, %s)\n".formatted(rows, rows));
            assertThat(run(loss, fresh).get(0).item()).isCloseTo(Math.log(128), within(1e-12));
        }
    }

    @Test
    void orthonormalMatchedPairsGiveNoLoss() {
        add("scale", i -> Math.log(100));
        add("rows", i -> i % 9 == 0 ? 1 : 0, 8, 8); // the identity
        new GlobalLoss("scale").write(program);
        String rows = program.parameter("rows");
        program.function("run", "", "Tensor", "return self.global_loss(p, %s, %s)\n".formatted(rows, rows));
        assertThat(run().get(0).item()).isCloseTo(0, within(1e-9));
    }

    @Test
    void reportOfOneSentenceHasNoLocalLoss() {
        assertThat(localLoss(1, 1, i -> Math.sin(i + 1.0))).isZero();
    }

    @Test
    void fourEqualSentencesGiveTheLogarithmOfFour() {
        assertThat(localLoss(4, 4, i -> i % 3)).isCloseTo(Math.log(4), within(1e-12));
    }

    @Test
    void padRowsLeaveTheLocalLossAlone() {
        double without = localLoss(3, 3, i -> i < 9 ? Math.sin(i + 1.0) : 0);
        double with = localLoss(3, 7, i -> i < 9 ? Math.sin(i + 1.0) : 0);
        assertThat(without).isPositive();
        assertThat(with).isCloseTo(without, within(1e-12));
    }

    /** L_i2r of one report whose sentences are [rows, 3], the first {@code real} of them valid, evidence the same. */
    private double localLoss(int real, int rows, IntToDoubleFunction values) {
        Parameters fresh = new Parameters(torch);
        add(fresh, "scale", i -> Math.log(100));
        add(fresh, "sentences", values, 1, rows, 3);
        ScriptBuilder loss = new ScriptBuilder(Mode.TRAIN);
        GoldenRun.writeLosses(new LocalLosses("scale"), loss);
        loss.function("predictor", "x: Tensor", "Tensor", "return x\n");
        loss.function("run", "", "Tensor", """
                s = %s
                valid = torch.unsqueeze(torch.lt(torch.arange(0, %d, dtype=None, layout=None, device=p[0].device), %d), 0)
                return self.image_to_report(p, s, s, valid)
                """.formatted(loss.parameter("sentences"), rows, real));
        return run(loss, fresh).get(0).item();
    }

    @Test
    void equalSidesAndAnIdentityPredictorGiveMinusOne() {
        writeSimSiam("x");
        add("patches", i -> Math.sin(i + 1.0), 2, 4, 3);
        add("evidence", i -> Math.sin(i + 1.0), 2, 4, 3);
        assertThat(run().get(0).item()).isCloseTo(-1, within(1e-12));
    }

    @Test
    void noGradientReachesTheSideThatIsNotPredicted() {
        writeSimSiam("torch.mul(x, 0.)"); // what is predicted no longer depends on the predicted side
        add("patches", i -> Math.sin(i + 1.0), 2, 4, 3);
        add("evidence", i -> Math.cos(i + 1.0), 2, 4, 3);
        try (Script script = Script.compile(torch, program.text());
                Gradients gradients = new Gradients(store, program.trained());
                StepScope scope = torch.newStep()) {
            Tensor loss = Gradients.record(() -> script.call(scope, "run", List.of(program.arguments(store))))
                    .get(0);
            Gradients.backward(scope, loss);
            assertThat(gradients.tensor("patches").toDoubles()).containsOnly(0.0, -0.0);
            assertThat(gradients.tensor("evidence").toDoubles()).containsOnly(0.0, -0.0);
        }
    }

    private void writeSimSiam(String predictor) {
        add("scale", i -> 0);
        GoldenRun.writeLosses(new LocalLosses("scale"), program);
        program.function("predictor", "x: Tensor", "Tensor", "return " + predictor + "\n");
        program.function(
                "run",
                "",
                "Tensor",
                "return self.report_to_image(p, %s, %s)\n"
                        .formatted(program.parameter("patches"), program.parameter("evidence")));
    }

    @Test
    void lamWithoutQueriesAndKeysHalvesTheSumOfTheValues() {
        List<Tensor> results = lam(LamActivation.SIGMOID, 3, 3);
        assertThat(results.get(0).toDoubles()).containsOnly(0.5);
        assertThat(results.get(1).toDoubles()).containsOnly(0.5);
        double[] values = results.get(4).toDoubles(); // V Wv1, [1, 49, 2]
        double[] evidence = results.get(2).toDoubles(); // V^, [1, 3, 2]
        for (int i = 0; i < evidence.length; i++) {
            double sum = 0;
            for (int patch = 0; patch < 49; patch++) {
                sum += values[2 * patch + i % 2];
            }
            assertThat(evidence[i]).isCloseTo(0.5 * sum, within(1e-12));
        }
    }

    @Test
    void lamWithSoftmaxSharesItsWeightsEvenly() {
        double[] even = new double[3 * 49];
        Arrays.fill(even, 1 / 49.0);
        assertThat(lam(LamActivation.SOFTMAX, 3, 3).get(0).toDoubles()).containsExactly(even, within(1e-15));
    }

    @Test
    void padSentencesLeaveTheTextEvidenceAlone() {
        for (LamActivation activation : LamActivation.values()) {
            double[] without = lam(activation, 3, 3).get(3).toDoubles();
            double[] with = lam(activation, 3, 5).get(3).toDoubles();
            assertThat(with).containsExactly(without, within(1e-15));
        }
    }

    /** LAM with zero queries and keys on [1, 49, 2] patches and [1, rows, 2] sentences: its outputs, then V Wv1. */
    private List<Tensor> lam(LamActivation activation, int real, int rows) {
        Parameters fresh = new Parameters(torch);
        StateDictLayout layout = new StateDictLayout();
        LocalAlignment lam = new LocalAlignment("lam", 2, activation);
        lam.declare(layout);
        for (StateDictLayout.Entry entry : layout.entries()) {
            boolean value = entry.name().contains("v_proj");
            long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
            add(fresh, entry.name(), i -> value ? Math.sin(i + 2.0) : 0, shape);
        }
        add(fresh, "patches", i -> Math.sin(i + 1.0), 1, 49, 2);
        add(fresh, "sentences", i -> Math.cos(i + 1.0), 1, rows, 2);
        ScriptBuilder local = new ScriptBuilder(Mode.TRAIN);
        GoldenRun.writeLam(lam, local);
        local.function("run", "", "List[Tensor]", """
                valid = torch.unsqueeze(torch.lt(torch.arange(0, %d, dtype=None, layout=None, device=p[0].device), %d), 0)
                a_s, a_v, v_hat, s_hat, = self.lam(p, %s, %s, valid)
                return [a_s, a_v, v_hat, s_hat, %s]
                """.formatted(
                        rows,
                        real,
                        local.parameter("patches"),
                        local.parameter("sentences"),
                        local.linear("lam.image.v_proj", local.parameter("patches"))));
        return run(local, fresh);
    }

    @Test
    void patchesRunRowByRowWithTheirChannelsLast() {
        add("map", i -> (i / 49) * 100 + (i % 49) / 7 * 10 + i % 7, 1, 5, 7, 7); // c*100 + r*10 + k
        StageModules.writePatches(program);
        program.function("run", "", "Tensor", "return self.patches(p, %s)\n".formatted(program.buffer("map")));
        double[] patches = run().get(0).toDoubles(); // [1, 49, 5]
        for (int i = 0; i < patches.length; i++) {
            int patch = i / 5;
            assertThat(patches[i]).isEqualTo(i % 5 * 100 + patch / 7 * 10 + patch % 7);
        }
    }

    private void add(String name, IntToDoubleFunction values, long... shape) {
        add(store, name, values, shape);
    }

    private static void add(Parameters store, String name, IntToDoubleFunction values, long... shape) {
        List<Long> sizes = Arrays.stream(shape).boxed().toList();
        int size = (int) sizes.stream().reduce(1L, Math::multiplyExact).longValue();
        store.add(name, ElementType.F64, sizes);
        ByteBuffer bytes = ByteBuffer.allocateDirect(8 * size).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            bytes.putDouble(values.applyAsDouble(i));
        }
        store.copyIn(new HostTensor(name, ElementType.F64, sizes, bytes.flip()));
    }

    private List<Tensor> run() {
        return run(program, store);
    }

    /** The results live until the engine is closed. */
    private List<Tensor> run(ScriptBuilder written, Parameters parameters) {
        Script script = Script.compile(torch, written.text());
        return script.call(torch.newStep(), "run", List.of(written.arguments(parameters)));
    }
}
