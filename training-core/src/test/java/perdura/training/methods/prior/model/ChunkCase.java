package perdura.training.methods.prior.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.golden.PriorSpecs;
import perdura.training.methods.prior.model.ForwardPlan.Part;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A small model and a batch, to be learnt from as a whole or in chunks; every pass begins with the same weights. */
final class ChunkCase implements AutoCloseable {
    static final int[] SENTENCES = {3, 1, 6, 2, 1, 4};
    static final double TAU = 0.4;
    private static final int VOCABULARY = 40;
    private static final int LENGTH = 14;

    final Torch torch = Torch.start("cpu", 1);
    private final StageSpec stage;
    private final Prior prior;
    private final ElementType type;
    private final Parameters parameters;
    private final Map<String, double[]> start = new LinkedHashMap<>();

    ChunkCase(StageSpec stage, double dropout, SpbSpec.LossMean mean, ElementType type) {
        this(stage, prior(dropout, mean), type);
    }

    ChunkCase(StageSpec stage, Prior prior, ElementType type) {
        this.stage = stage;
        this.prior = prior;
        this.type = type;
        this.parameters = prior.layout().allocate(torch, type);
        Initializer.fill(torch, prior.layout(), parameters, 3);
        parameters
                .names()
                .forEach(name -> start.put(name, parameters.tensor(name).toDoubles()));
    }

    static Prior prior(double dropout, SpbSpec.LossMean mean) {
        return prior(dropout, mean, PriorSpecs.CCR);
    }

    static Prior prior(double dropout, SpbSpec.LossMean mean, CcrSpec ccr) {
        SpbSpec prior = PriorSpecs.SPB;
        SpbSpec bank = new SpbSpec(
                SpbSpec.Init.GAUSSIAN,
                prior.initReports(),
                prior.initRounds(),
                prior.query(),
                prior.tauSchedule(),
                prior.tauStart(),
                prior.tauEnd(),
                prior.evaluationTau(),
                mean);
        return new Prior(PriorSpecs.tiny(LamActivation.SIGMOID, dropout, bank, ccr), VOCABULARY);
    }

    /** What a pass over the batch told and changed. */
    record Learnt(
            double total,
            Map<String, Double> figures,
            List<Double> usage,
            Map<String, double[]> gradients,
            Map<String, double[]> buffers) {
        /** Compares all but the buffers: a gradient by its parameter's greatest, and a hundredth of the greatest of all. */
        void check(Learnt whole, double tolerance) {
            assertThat(total).isCloseTo(whole.total, within(tolerance * Math.abs(whole.total)));
            assertThat(figures.keySet()).containsExactlyElementsOf(whole.figures.keySet());
            whole.figures.forEach((figure, value) -> assertThat(figures.get(figure))
                    .as(figure)
                    .isCloseTo(value, within(tolerance * Math.max(1, Math.abs(value)))));
            assertThat(usage).isEqualTo(whole.usage);
            double largest = whole.gradients.values().stream()
                    .mapToDouble(GoldenRun::largest)
                    .max()
                    .orElseThrow();
            assertThat(gradients.keySet()).isEqualTo(whole.gradients.keySet());
            whole.gradients.forEach((name, expected) -> GoldenRun.assertClose(
                    name,
                    Objects.requireNonNull(gradients.get(name)),
                    expected,
                    tolerance * (GoldenRun.largest(expected) + 1e-2 * largest)));
        }
    }

    Learnt whole(Mode mode) {
        return whole(new StageProgram(prior, stage, mode));
    }

    Learnt chunked(Mode mode, int size) {
        return chunked(new CachedGradientPass(torch, parameters, prior, stage, mode, size), mode);
    }

    /** Figures alone, as evaluation takes them. */
    Learnt measured(int size) {
        try (CachedGradientPass pass = new CachedGradientPass(torch, parameters, prior, stage, Mode.EVAL, size)) {
            return learn(
                    new StageNoise.Needs(false, false, false),
                    (scope, batch, noise) -> pass.measure(scope, batch, TAU));
        }
    }

    /** In train mode, but with the running statistics. */
    Learnt wholeFrozen() {
        return whole(frozen(Mode.TRAIN, Part.WHOLE));
    }

    Learnt chunkedFrozen(int size) {
        StageProgram embed = frozen(Mode.REHEARSE, Part.EMBED);
        StageProgram chunk = frozen(Mode.TRAIN, Part.CHUNK);
        return chunked(new CachedGradientPass(torch, parameters, prior, stage, embed, chunk, size), Mode.TRAIN);
    }

    private StageProgram frozen(Mode mode, Part part) {
        StageProgram text = new StageProgram(prior, stage, mode, part);
        text.program()
                .function(
                        "batch_norm",
                        "x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, count: Tensor",
                        "Tensor",
                        "return torch.batch_norm(x, weight, bias, mean, variance, False, 0.1, 1e-05, True)\n");
        return text;
    }

    private Learnt whole(StageProgram text) {
        try (StageForward forward = new StageForward(torch, parameters, text)) {
            return learn(forward.needs(), (scope, batch, noise) -> {
                torch.seed(7);
                StageForward.Result result = Gradients.record(() -> forward.run(scope, batch, noise, TAU));
                Gradients.backward(scope, result.total());
                return result;
            });
        }
    }

    private Learnt chunked(CachedGradientPass pass, Mode mode) {
        StageNoise.Needs needs = new StageProgram(prior, stage, mode).needs();
        try (pass) {
            return learn(needs, (scope, batch, noise) -> pass.run(scope, batch, noise, TAU, chunk -> 7 + chunk));
        }
    }

    private interface Pass {
        StageForward.Result run(StepScope scope, List<Tensor> batch, StageNoise noise);
    }

    private Learnt learn(StageNoise.Needs needs, Pass pass) {
        reset();
        try (Gradients gradients = new Gradients(parameters, StageForward.trained(prior, stage));
                NoiseSource source = new NoiseSource(torch, parameters, prior);
                StepScope scope = torch.newStep()) {
            int rows = new StageProgram(prior, stage, Mode.TRAIN).sentences(6);
            StageNoise noise = source.draw(scope, needs, SENTENCES.length, rows, purpose -> Seeds.hash64(purpose));
            StageForward.Result result = pass.run(scope, batch(scope), noise);
            Map<String, double[]> all = new LinkedHashMap<>();
            gradients
                    .names()
                    .forEach(name -> all.put(name, gradients.tensor(name).toDoubles()));
            List<Double> usage = Stream.of(result.counts(), result.queryCounts())
                    .filter(Objects::nonNull)
                    .map(PrototypeCounts::perplexity)
                    .toList();
            return new Learnt(result.total().item(), result.figures(), usage, all, buffers());
        }
    }

    /** The buffers after forward passes over parts of the batch, one after the other. */
    Map<String, double[]> buffersAfterParts(int size) {
        reset();
        try (StageForward forward = new StageForward(torch, parameters, prior, stage, Mode.TRAIN);
                BatchCut cut = new BatchCut(torch);
                StepScope scope = torch.newStep()) {
            cut.cut(scope, batch(scope), StageNoise.NONE, size, SENTENCES, chunk -> chunk)
                    .forEach(chunk -> forward.run(scope, chunk.batch(), chunk.noise(), TAU));
        }
        return buffers();
    }

    private Map<String, double[]> buffers() {
        Map<String, double[]> buffers = new LinkedHashMap<>();
        List<String> trained = prior.layout().parameterNames();
        parameters.names().stream()
                .filter(name -> !trained.contains(name))
                .forEach(name -> buffers.put(name, parameters.tensor(name).toDoubles()));
        return buffers;
    }

    /** Has later passes begin with weights that are moved by so much. */
    void move(Map<String, double[]> direction, double length) {
        direction.forEach((name, way) -> {
            double[] values = Objects.requireNonNull(start.get(name));
            for (int i = 0; i < values.length; i++) {
                values[i] += length * way[i];
            }
        });
    }

    private void reset() {
        start.forEach((name, values) -> {
            Tensor tensor = parameters.tensor(name);
            parameters.copyIn(GoldenFixture.host(name, tensor.type(), tensor.shape(), values));
        });
    }

    /** Noise as images; two words a sentence. */
    private List<Tensor> batch(StepScope scope) {
        RandomStream random = Seeds.stream("chunks");
        double[] pixels = new double[SENTENCES.length * 64 * 64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextGaussian();
        }
        double[] ids = new double[SENTENCES.length * LENGTH];
        double[] mask = new double[ids.length];
        double[] map = new double[ids.length];
        for (int i = 0; i < ids.length; i++) {
            int words = 2 * SENTENCES[i / LENGTH];
            int position = i % LENGTH;
            ids[i] = position <= words + 1 ? 1 + random.bounded(VOCABULARY - 1) : 0;
            mask[i] = position <= words + 1 ? 1 : 0;
            map[i] = position > 0 && position <= words ? 1 + (position - 1) / 2 : -1;
        }
        long size = SENTENCES.length;
        List<Tensor> batch = new ArrayList<>();
        batch.add(scope.tensor(GoldenFixture.host("images", type, List.of(size, 1L, 64L, 64L), pixels)));
        for (double[] text : List.of(ids, mask, map)) {
            batch.add(scope.tensor(GoldenFixture.host("text", ElementType.I64, List.of(size, (long) LENGTH), text)));
        }
        return batch;
    }

    @Override
    public void close() {
        torch.close();
    }
}
