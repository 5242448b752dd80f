package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import perdura.training.methods.prior.model.BatchCut.Chunk;
import perdura.training.methods.prior.model.StageScript.Extras;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec.LossMean;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * Forward and backward pass of one stage over a batch that is gone through in chunks, so that memory grows with the chunk (gradient
 * caching, Gao et al. 2021). First the embeddings of all chunks are made without a record; the terms that compare samples
 * give the gradients of the embeddings; then each chunk runs again, recorded, adds its own terms by its share of the batch and
 * passes on the gradients of its embeddings.
 *
 * <p>The gradients are those of {@link StageForward} up to rounding, but for two things: BatchNorm takes the statistics of each
 * chunk, and moves the running ones once per chunk; dropout draws other masks, the same ones in both passes.
 */
public final class CachedGradientPass implements AutoCloseable {
    private static final String SCRIPT = """
            def keep(self: __torch__.Script, x: List[Tensor]) -> List[Tensor]:
              return [torch.clone(y) for y in x]
            """;

    private final Torch torch;
    private final int size;
    private final LossTerms terms;
    private final FigureMeans means;
    private final List<String> figures;
    private final @Nullable StageScript embed;
    private final StageScript chunked;
    private final Script keep;
    private final BatchCut cut;

    /**
     * Compiles both passes.
     *
     * @param mode as of {@link StageForward}
     * @param size samples of a chunk, at least 1
     */
    public CachedGradientPass(Torch torch, Parameters parameters, Prior prior, StageSpec stage, Mode mode, int size) {
        this(
                torch,
                parameters,
                prior,
                stage,
                new StageProgram(prior, stage, mode == Mode.TRAIN ? Mode.REHEARSE : mode, ForwardPlan.Part.EMBED),
                new StageProgram(prior, stage, mode, ForwardPlan.Part.CHUNK),
                size);
    }

    CachedGradientPass(
            Torch torch,
            Parameters parameters,
            Prior prior,
            StageSpec stage,
            StageProgram embed,
            StageProgram chunked,
            int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a chunk has at least 1 sample, was " + size);
        }
        this.torch = torch;
        this.size = size;
        this.terms = LossTerms.of(stage);
        this.means = new FigureMeans(prior.spec().spb().lossMean());
        this.figures = new StageProgram(prior, stage, Mode.EVAL).figures();
        this.embed = embed.embeddings().isEmpty() ? null : new StageScript(torch, parameters, embed);
        this.chunked = new StageScript(torch, parameters, chunked);
        this.keep = Script.compile(torch, SCRIPT);
        this.cut = new BatchCut(torch);
    }

    /**
     * Runs both passes and adds to the gradients.
     *
     * @param batch images [B, 1, S, S], ids, attention mask and sentence map [B, L] (int64)
     * @param noise what {@link StageForward#needs} tells, of the whole batch
     * @param tau temperature of the step; unused without the bank
     * @param seeds the seed of each chunk's dropout, by its number
     * @return the whole batch's figures; the total is not to go back from, and there are no tensors
     */
    public StageForward.Result run(
            StepScope scope, List<Tensor> batch, StageNoise noise, double tau, LongUnaryOperator seeds) {
        return run(scope, batch, noise, tau, seeds, true);
    }

    /**
     * Runs both passes without a record: the whole batch's figures, and no gradient. For a pass in {@code EVAL} mode.
     *
     * @param batch as of {@link #run}
     * @param tau temperature of evaluation
     */
    public StageForward.Result measure(StepScope scope, List<Tensor> batch, double tau) {
        return run(scope, batch, StageNoise.NONE, tau, chunk -> chunk, false);
    }

    private StageForward.Result run(
            StepScope scope,
            List<Tensor> batch,
            StageNoise noise,
            double tau,
            LongUnaryOperator seeds,
            boolean learns) {
        int[] sentences = SentenceCounts.of(batch.get(3));
        int rows = chunked.text().sentences(SentenceCounts.most(sentences));
        Tensor most = scope.scalar(rows);
        List<Chunk> chunks = cut.cut(
                scope,
                batch,
                noise,
                size,
                SentenceCounts.atMost(sentences, chunked.text().taken(rows)),
                seeds);
        ChunkFigures sums = new ChunkFigures(means, terms);
        List<Embedded> embedded = new ArrayList<>();
        for (Chunk chunk : chunks) {
            embedded.add(embed == null ? Embedded.NOTHING : embed(scope, embed, chunk, tau, most));
        }
        List<List<Tensor>> gradients = compare(scope, embedded, batch.get(3), most, sums, learns);
        for (int i = 0; i < chunks.size(); i++) {
            runAgain(chunks.get(i), embedded.get(i).inverse(), gradients.get(i), tau, most, sums, learns);
        }
        return new StageForward.Result(
                scope.scalar(sums.total()), sums.figures(figures), sums.counts(), sums.queryCounts(), Map.of());
    }

    /**
     * What stays of a chunk's first pass.
     *
     * @param embeddings as the text names them
     * @param inverse its matching, if it was matched
     */
    private record Embedded(
            List<Tensor> embeddings, @Nullable Tensor inverse) {
        static final Embedded NOTHING = new Embedded(List.of(), null);
    }

    private Embedded embed(StepScope scope, StageScript first, Chunk chunk, double tau, Tensor most) {
        try (StepScope passing = torch.newStep()) {
            torch.seed(chunk.seed());
            Extras extras = new Extras(List.of(), List.of(most), List.of());
            Map<String, Tensor> tensors = first.align(passing, chunk.batch(), chunk.noise(), tau, extras);
            Tensor inverse = null;
            if (first.text().generates()) {
                inverse = StageForward.match(scope, StageScript.take(tensors, StageProgram.COST));
                first.generate(passing, tensors, chunk.map(), inverse, chunk.noise(), tau, extras);
            }
            List<Tensor> embeddings = first.text().embeddings().stream()
                    .map(name -> StageScript.take(tensors, name))
                    .toList();
            return new Embedded(keep.call(scope, "keep", List.of(embeddings)), inverse);
        }
    }

    /** The terms that compare samples; returns the gradients of each chunk's embeddings. */
    private List<List<Tensor>> compare(
            StepScope scope, List<Embedded> chunks, Tensor map, Tensor most, ChunkFigures sums, boolean learns) {
        List<List<Tensor>> leaves = chunks.stream().map(Embedded::embeddings).toList();
        if (embed == null) {
            return leaves;
        }
        List<List<Tensor>> byEmbedding = new ArrayList<>();
        for (int i = 0; i < leaves.get(0).size(); i++) {
            int embedding = i;
            byEmbedding.add(leaves.stream().map(chunk -> chunk.get(embedding)).toList());
        }
        List<Tensor> mixed;
        if (learns) {
            leaves.forEach(Gradients::startFrom);
            mixed = Gradients.record(() -> chunked.mix(scope, byEmbedding, map, most));
            Gradients.backward(scope, mixed.get(0));
        } else {
            mixed = chunked.mix(scope, byEmbedding, map, most);
        }
        sums.addWhole(StageScript.figures(new MixScript(terms.mixed()).figures(), mixed.get(1)));
        // Where nothing is learnt, any tensors of their shapes do.
        return learns ? leaves.stream().map(Gradients::of).toList() : leaves;
    }

    /** A chunk's second pass: recorded and back, if it learns. */
    private void runAgain(
            Chunk chunk,
            @Nullable Tensor matched,
            List<Tensor> gradients,
            double tau,
            Tensor most,
            ChunkFigures sums,
            boolean learns) {
        try (StepScope scope = torch.newStep()) {
            torch.seed(chunk.seed());
            Extras extras = new Extras(
                    gradients,
                    List.of(most),
                    List.of(scope.scalar(chunk.ofReports()), scope.scalar(chunk.ofSentences())));
            Map<String, Tensor> tensors;
            if (learns) {
                tensors = Gradients.record(() -> forward(scope, chunk, matched, tau, extras));
                Gradients.backward(scope, StageScript.take(tensors, StageProgram.TOTAL));
            } else {
                tensors = forward(scope, chunk, matched, tau, extras);
            }
            sums.add(
                    chunk,
                    StageScript.figures(chunked.text().figures(), StageScript.take(tensors, StageProgram.FIGURES)));
            sums.addUsage(
                    StageScript.counts(tensors, StageProgram.COUNTS),
                    StageScript.counts(tensors, StageProgram.QUERY_COUNTS));
        }
    }

    private Map<String, Tensor> forward(
            StepScope scope, Chunk chunk, @Nullable Tensor matched, double tau, Extras extras) {
        Map<String, Tensor> tensors = chunked.align(scope, chunk.batch(), chunk.noise(), tau, extras);
        if (chunked.text().generates()) {
            Tensor inverse =
                    matched == null ? StageForward.match(scope, StageScript.take(tensors, StageProgram.COST)) : matched;
            chunked.generate(scope, tensors, chunk.map(), inverse, chunk.noise(), tau, extras);
        }
        return tensors;
    }

    @Override
    public void close() {
        cut.close();
        keep.close();
        chunked.close();
        if (embed != null) {
            embed.close();
        }
    }

    /** A batch's figures while its chunks are gone through. */
    private static final class ChunkFigures {
        private final FigureMeans means;
        private final LossTerms terms;
        private final Map<String, Double> sums = new LinkedHashMap<>();
        private @Nullable PrototypeCounts counts;
        private @Nullable PrototypeCounts queryCounts;

        ChunkFigures(FigureMeans means, LossTerms terms) {
            this.means = means;
            this.terms = terms;
        }

        /** Adds what is of the whole batch already. */
        void addWhole(Map<String, Double> figures) {
            sums.putAll(figures);
        }

        /** Adds a chunk's figures by its shares. */
        void add(BatchCut.Chunk chunk, Map<String, Double> figures) {
            figures.forEach((figure, value) -> {
                double share = means.of(figure) == LossMean.SENTENCES ? chunk.ofSentences() : chunk.ofReports();
                sums.merge(figure, share * value, Double::sum);
            });
        }

        void addUsage(@Nullable PrototypeCounts chunk, @Nullable PrototypeCounts queries) {
            counts = joined(counts, chunk);
            queryCounts = joined(queryCounts, queries);
        }

        private static @Nullable PrototypeCounts joined(@Nullable PrototypeCounts all, @Nullable PrototypeCounts some) {
            if (all == null || some == null) {
                return some;
            }
            all.add(some);
            return all;
        }

        /** The weighted sum of the losses. */
        double total() {
            double total = 0;
            for (String term : terms.weights().keySet()) {
                total += terms.weight(term) * sum("loss_" + term);
            }
            return total;
        }

        /** @param names which, in the order wanted */
        Map<String, Double> figures(List<String> names) {
            Map<String, Double> figures = new LinkedHashMap<>();
            for (String name : names) {
                figures.put(
                        name,
                        name.equals(FigureMeans.PROTO_RELATIVE)
                                ? sum(FigureMeans.PROTO_ERROR) / sum(FigureMeans.PROTO_SIZE)
                                : sum(name));
            }
            return figures;
        }

        private double sum(String name) {
            Double sum = sums.get(name);
            if (sum == null) {
                throw new IllegalStateException("no chunk gives " + name);
            }
            return sum;
        }

        @Nullable
        PrototypeCounts counts() {
            return counts;
        }

        @Nullable
        PrototypeCounts queryCounts() {
            return queryCounts;
        }
    }

    /** How many sentences the reports of a batch have. */
    private static final class SentenceCounts {
        private SentenceCounts() {}

        /**
         * Of each sample.
         *
         * @param map sentence map [B, L], -1 or from 1
         */
        static int[] of(Tensor map) {
            double[] sentences = map.toDoubles();
            int[] counts = new int[Math.toIntExact(map.shape().get(0))];
            int length = sentences.length / counts.length;
            for (int i = 0; i < sentences.length; i++) {
                counts[i / length] = Math.max(counts[i / length], (int) sentences[i]);
            }
            return counts;
        }

        static int most(int[] counts) {
            return Arrays.stream(counts).max().orElse(0);
        }

        /** The counts, with {@code rows} for greater ones. */
        static int[] atMost(int[] counts, int rows) {
            return Arrays.stream(counts).map(count -> Math.min(count, rows)).toArray();
        }
    }
}
