package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.training.methods.sense.model.Sense.Space;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Forward and backward pass of a step (sense.md 3c, 2 to 5): keys by the momentum network, vectors by the normal one, the losses against the
 * queues as they are, gradients. A batch in several chunks takes the memory of one of them: as in gradient caching (Gao et al. 2021), the
 * vectors of all are made first without a record, the losses give the gradients of the vectors, and each chunk runs again, recorded. The
 * gradients are those of the whole batch up to rounding, but that BatchNorm takes the statistics of each chunk, and dropout other masks.
 */
public final class SenseStep implements AutoCloseable {
    /**
     * One view of some studies.
     *
     * @param images [B, 3, S, S], normalised
     */
    public record View(Tensor images, ReportTensors texts) {}

    /**
     * Studies that run through the networks at a time.
     *
     * @param normal view 1, which the normal network learns from
     * @param momentum view 2, which gives the keys
     */
    public record Chunk(View normal, View momentum) {
        Chunk swapped() {
            return new Chunk(momentum, normal);
        }
    }

    /**
     * What a step gives, beside the gradients.
     *
     * @param figures total, each loss before weighting ({@code cmc}, {@code mmc}, {@code umc}), and the mean cosine of its positives
     *     ({@code cmc_positive}) and of its other candidates ({@code cmc_negative})
     * @param keys [B, D], to be enqueued after the optimiser's step
     * @param fused [B, width], to be enqueued too; null where nothing reads them
     * @param labels int64 [B], of the fused keys
     */
    public record Result(
            Map<String, Double> figures,
            List<Tensor> keys,
            @Nullable Tensor fused,
            @Nullable Tensor labels) {
        /** Puts the keys into the queues; returns how many slots are filled now. */
        public long enqueue(StepScope scope, Rings rings, Tensor studies) {
            if (fused != null && labels != null) {
                rings.enqueueFused(scope, fused, labels);
            }
            return rings.enqueue(scope, keys, studies);
        }
    }

    private final Torch torch;
    private final Mode mode;
    private final Sense sense;
    private final Parameters parameters;
    private final SenseEncoder momentum;
    private final SenseLosses losses;
    private final Program learning;
    private @Nullable Program rehearsal;

    /** A compiled program with the tensors that it takes first. */
    private record Program(Script script, List<Tensor> arguments, List<String> trained) {}

    /**
     * Compiles the programs.
     *
     * @param parameters of the normal network; they stay the caller's
     * @param momentum the encoder of the momentum weights; stays the caller's
     */
    public SenseStep(Torch torch, Sense sense, SenseSpec spec, Parameters parameters, SenseEncoder momentum) {
        this(torch, sense, spec, parameters, momentum, Mode.TRAIN);
    }

    /** @param mode how BatchNorm and dropout act */
    SenseStep(Torch torch, Sense sense, SenseSpec spec, Parameters parameters, SenseEncoder momentum, Mode mode) {
        this.torch = torch;
        this.mode = mode;
        this.sense = sense;
        this.parameters = parameters;
        this.momentum = momentum;
        this.losses = losses(spec);
        this.learning = compile(mode);
    }

    static SenseLosses losses(SenseSpec spec) {
        return new SenseLosses(
                spec.losses(),
                spec.lossWeights(),
                spec.clusters().fusion(),
                spec.model().uniProjectors());
    }

    private Program compile(Mode mode) {
        ScriptBuilder program = program(sense, losses, mode);
        return new Program(
                Script.compile(torch, program.text()), program.arguments(parameters), trained(sense, program));
    }

    /** Names of the parameters that get gradients. */
    static List<String> trained(Sense sense, SenseSpec spec) {
        return trained(sense, program(sense, losses(spec), Mode.TRAIN));
    }

    private static List<String> trained(Sense sense, ScriptBuilder program) {
        return program.trained().stream().filter(name -> !sense.isFrozen(name)).toList();
    }

    private static ScriptBuilder program(Sense sense, SenseLosses losses, Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        sense.writeEncoders(program);
        List<String> vectors = new ArrayList<>();
        if (losses.readsCross()) {
            sense.writeHead(program, Space.CROSS);
            vectors.addAll(List.of("self.image_cross(p, v)", "self.text_cross(p, t)"));
        }
        if (losses.readsUni()) {
            sense.writeHead(program, Space.UNI);
            vectors.addAll(List.of("self.image_uni(p, v)", "self.text_uni(p, t)"));
        }
        program.function(
                "embed",
                "ids: List[Tensor], masks: List[Tensor], images: Tensor, places: Tensor",
                "List[Tensor]",
                """
                v = self.features(p, images)
                t = self.texts(p, ids, masks, places)
                return [%s]
                """.formatted(String.join(", ", vectors)));
        writeLosses(program, losses);
        return program;
    }

    private static void writeLosses(ScriptBuilder program, SenseLosses losses) {
        double share = losses.spec().symmetricViews() ? 0.5 : 1;
        losses.writeParts(program);
        losses.write(program, "losses", share);
        SenseLosses before = losses.unclustered();
        if (!before.isEmpty()) {
            before.write(program, "losses_unclustered", share);
        }
        program.function("fused", "k: List[Tensor], c: List[Tensor], studies: Tensor", "List[Tensor]", """
            return [self.fuse(p, k[0], k[1]), torch.index_select(c[0], 0, studies)]
            """);
        program.function("joined", "x: List[Tensor]", "Tensor", "return torch.cat(x)\n");
        program.function("pull", "z: List[Tensor], g: List[Tensor], begin: Tensor", "Tensor", """
            n = torch.size(z[0], 0)
            parts = annotate(List[Tensor], [])
            for i in range(torch.len(z)):
              own = torch.narrow(g[i], 0, int(begin), n)
              _0 = torch.append(parts, torch.sum(torch.mul(z[i], own)))
            return torch.sum(torch.stack(parts))
            """);
    }

    /** Names of the parameters that get gradients, for the optimiser. */
    public List<String> trained() {
        return learning.trained;
    }

    /**
     * Runs a step and adds to the gradients. Weights and queues stay as they are, but for BatchNorm's statistics.
     *
     * @param chunks the batch, in one chunk or in several of any sizes
     * @param studies int64 [B], the studies' rows in the data set
     * @param clusters of the epoch; null where it has none
     * @param seeds the seed of the dropout of each pass over a chunk, by number
     */
    public Result run(
            StepScope scope,
            List<Chunk> chunks,
            Tensor studies,
            Rings rings,
            @Nullable EpochClusters clusters,
            LongUnaryOperator seeds) {
        List<Tensor> keys = keys(scope, chunks);
        Map<String, Double> figures = learn(scope, chunks, keys, studies, rings, clusters, seeds);
        if (losses.spec().symmetricViews()) {
            List<Chunk> swapped = chunks.stream().map(Chunk::swapped).toList();
            LongUnaryOperator further = chunk -> seeds.applyAsLong(chunks.size() + chunk);
            learn(scope, swapped, keys(scope, swapped), studies, rings, clusters, further)
                    .forEach((name, value) -> figures.merge(name, value, Double::sum));
        }
        if (!losses.readsFused() || clusters == null) {
            return new Result(figures, keys, null, null);
        }
        List<Tensor> fused =
                learning.script.call(scope, "fused", List.of(learning.arguments, keys, clusters.tensors()), studies);
        return new Result(figures, keys, fused.get(0), fused.get(1));
    }

    private List<Tensor> keys(StepScope scope, List<Chunk> chunks) {
        return join(
                scope,
                chunks.stream()
                        .map(chunk -> momentum.keys(scope, chunk.momentum(), losses.readsUni()))
                        .toList());
    }

    /** Forward and back with one assignment of views. */
    private Map<String, Double> learn(
            StepScope scope,
            List<Chunk> chunks,
            List<Tensor> keys,
            Tensor studies,
            Rings rings,
            @Nullable EpochClusters clusters,
            LongUnaryOperator seeds) {
        if (chunks.size() == 1) {
            torch.seed(seeds.applyAsLong(0));
            List<Tensor> results = Gradients.record(() ->
                    compare(scope, embed(scope, learning, chunks.get(0).normal()), keys, studies, rings, clusters));
            Gradients.backward(scope, results.get(0));
            return figures(results, clusters);
        }
        Program first = rehearsal();
        List<List<Tensor>> parts = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            torch.seed(seeds.applyAsLong(i));
            parts.add(embed(scope, first, chunks.get(i).normal()));
        }
        List<Tensor> leaves = join(scope, parts);
        Gradients.startFrom(leaves);
        List<Tensor> results = Gradients.record(() -> compare(scope, leaves, keys, studies, rings, clusters));
        Gradients.backward(scope, results.get(0));
        List<Tensor> gradients = Gradients.of(leaves);
        long begin = 0;
        for (int i = 0; i < chunks.size(); i++) {
            View view = chunks.get(i).normal();
            torch.seed(seeds.applyAsLong(i));
            try (StepScope passing = torch.newStep()) {
                Tensor from = passing.scalar((double) begin);
                Tensor pulled = Gradients.record(() -> learning.script
                        .call(
                                passing,
                                "pull",
                                List.of(learning.arguments, embed(passing, learning, view), gradients),
                                from)
                        .get(0));
                Gradients.backward(passing, pulled);
            }
            begin += view.images().shape().get(0);
        }
        return figures(results, clusters);
    }

    private Program rehearsal() {
        Program known = rehearsal;
        if (known == null) {
            known = compile(mode == Mode.TRAIN ? Mode.REHEARSE : mode);
            rehearsal = known;
        }
        return known;
    }

    private static List<Tensor> embed(StepScope scope, Program program, View view) {
        return program.script.call(
                scope,
                "embed",
                List.of(program.arguments, view.texts().ids(), view.texts().masks()),
                view.images(),
                view.texts().places());
    }

    /** The weighted sum and the figures. */
    private List<Tensor> compare(
            StepScope scope,
            List<Tensor> vectors,
            List<Tensor> keys,
            Tensor studies,
            Rings rings,
            @Nullable EpochClusters clusters) {
        List<List<Tensor>> lists = new ArrayList<>(List.of(learning.arguments, vectors, keys, rings.tensors()));
        if (clusters != null && losses.readsLabels()) {
            lists.add(clusters.tensors());
        }
        return learning.script.call(scope, clusters == null ? "losses_unclustered" : "losses", lists, studies);
    }

    private Map<String, Double> figures(List<Tensor> results, @Nullable EpochClusters clusters) {
        List<String> names = (clusters == null ? losses.unclustered() : losses).figures();
        double[] values = results.get(1).toDoubles();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("total", results.get(0).item());
        for (int i = 0; i < values.length; i++) {
            figures.put(names.get(i), values[i]);
        }
        return figures;
    }

    private List<Tensor> join(StepScope scope, List<List<Tensor>> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        return IntStream.range(0, parts.get(0).size())
                .mapToObj(i -> learning.script
                        .call(
                                scope,
                                "joined",
                                List.of(
                                        learning.arguments,
                                        parts.stream().map(part -> part.get(i)).toList()))
                        .get(0))
                .toList();
    }

    @Override
    public void close() {
        learning.script.close();
        if (rehearsal != null) {
            rehearsal.script.close();
        }
    }
}
