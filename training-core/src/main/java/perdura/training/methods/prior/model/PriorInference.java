package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.text.EncodedReport;
import perdura.training.method.PairModel.PairScores;
import perdura.training.methods.prior.spec.ModelSpec.LamActivation;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.nn.ScriptOps;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * A trained PRIOR that answers (prior.md 2.7, 4.3): evaluation mode, all sentences of a text in its own order, the bank without
 * noise if the stage has one. Results are a function of the weights, of what is asked and of how it is cut into calls; they live in
 * the scope that the caller gives. For the thread of its engine.
 */
public final class PriorInference implements AutoCloseable {
    /** Texts of one call. */
    private static final int TEXTS = 32;

    /** Weights of LAM in one call, each way: what of them is held at once. */
    private static final long WEIGHTS = 1 << 22;

    private final Torch torch;
    private final Script script;
    private final List<Tensor> arguments;

    /**
     * Compiles the program.
     *
     * @param parameters all of {@link Prior#layout}; they stay the caller's, and a call sees the values that they have then
     * @param stage whose bank is on or off
     */
    public PriorInference(Torch torch, Parameters parameters, Prior prior, StageSpec stage) {
        ScriptBuilder program = new InferenceScript(prior, stage).program();
        this.torch = torch;
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
    }

    /** @param images [N, 1, S, S], float, z-scored; one call of the engine, so N is what the memory bears */
    public EncodedImages encodeImages(StepScope scope, Tensor images) {
        List<Tensor> encoded = script.call(scope, "images", List.of(arguments), images);
        return new EncodedImages(encoded.get(0), encoded.get(1), encoded.get(2), encoded.get(3));
    }

    /**
     * Encodes texts, in calls of {@value #TEXTS}.
     *
     * @param texts at least one, each with at least one sentence
     * @param alive called after each of them
     */
    public EncodedTexts encodeTexts(StepScope scope, List<EncodedReport> texts, Runnable alive) {
        List<EncodedTexts> parts = new ArrayList<>();
        try (StepScope inputs = torch.newStep()) {
            for (int from = 0; from < texts.size(); from += TEXTS) {
                List<EncodedReport> chunk = texts.subList(from, Math.min(from + TEXTS, texts.size()));
                parts.add(encodeAtOnce(scope, TextTensors.of(inputs, chunk)));
                alive.run();
            }
        }
        return parts.size() == 1 ? parts.get(0) : join(scope, parts);
    }

    /**
     * Encodes texts in one call.
     *
     * @param inputs ids, attention mask and sentence map, int64 [C, L]
     */
    EncodedTexts encodeAtOnce(StepScope scope, List<Tensor> inputs) {
        List<Tensor> encoded = script.call(scope, "texts", List.of(arguments), inputs.toArray(Tensor[]::new));
        double[] counts = encoded.get(5).toDoubles();
        List<Integer> offsets = new ArrayList<>(List.of(0));
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < 1) {
                throw new IllegalArgumentException("text " + i + " has no sentence");
            }
            offsets.add(offsets.get(i) + (int) counts[i]);
        }
        return new EncodedTexts(
                encoded.get(0), encoded.get(1), encoded.get(2), encoded.get(3), encoded.get(4), offsets);
    }

    private EncodedTexts join(StepScope scope, List<EncodedTexts> parts) {
        List<Integer> offsets = new ArrayList<>(List.of(0));
        for (EncodedTexts part : parts) {
            int before = offsets.get(offsets.size() - 1);
            part.offsets().stream().skip(1).forEach(offset -> offsets.add(before + offset));
        }
        return new EncodedTexts(
                joined(scope, parts.stream().map(EncodedTexts::raw).toList()),
                joined(scope, parts.stream().map(EncodedTexts::sentences).toList()),
                joined(scope, parts.stream().map(EncodedTexts::queries).toList()),
                joined(scope, parts.stream().map(EncodedTexts::keys).toList()),
                joined(scope, parts.stream().map(EncodedTexts::global).toList()),
                offsets);
    }

    private Tensor joined(StepScope scope, List<Tensor> parts) {
        return script.call(scope, "joined", List.of(arguments, parts)).get(0);
    }

    /**
     * The weights of the bank's K rows for each sentence, softmax(x E^T / temperature), of no use before the stage that trains it.
     *
     * @param temperature 1 for the plain softmax; the bank itself is asked at that of evaluation
     * @return [T, K]
     */
    public Tensor prototypeWeights(StepScope scope, EncodedTexts texts, double temperature) {
        return script.call(scope, "prototypes", List.of(arguments), texts.raw(), scope.scalar(temperature))
                .get(0);
    }

    /**
     * LAM's weights between images and the M sentences of one text.
     *
     * @return A_s [N, M, P], the evidence of each sentence, and A_v [N, P, M], that of each patch
     */
    public List<Tensor> localMaps(StepScope scope, EncodedImages images, EncodedTexts texts, int text) {
        return script.call(
                scope,
                "maps_of",
                List.of(arguments),
                images.keys(),
                images.queries(),
                texts.queries(),
                texts.keys(),
                TextTensors.numbers(scope, texts.sentenceCount(text), i -> texts.sentence(text, i)));
    }

    /**
     * Scores every image with every text, in as few calls as the memory bears.
     *
     * @param alive called after each of them
     */
    public PairScores score(EncodedImages images, EncodedTexts texts, Runnable alive) {
        int size = images.size();
        double[][] cosines = new double[size][];
        double[][] local = new double[size][];
        try (StepScope scope = torch.newStep()) {
            Tensor places = TextTensors.places(scope, texts);
            Tensor counts = TextTensors.numbers(scope, texts.size(), texts::sentenceCount);
            int chunk = (int) Math.max(1, WEIGHTS / ((long) images.patchCount() * texts.sentenceCount()));
            for (int from = 0; from < size; from += chunk) {
                int first = from;
                int until = Math.min(from + chunk, size);
                try (StepScope step = torch.newStep()) {
                    List<Tensor> scores = script.call(
                            step,
                            "scores",
                            List.of(arguments),
                            images.global(),
                            images.keys(),
                            images.queries(),
                            TextTensors.numbers(step, until - first, i -> first + i),
                            texts.global(),
                            texts.queries(),
                            texts.keys(),
                            places,
                            counts);
                    split(scores.get(0).toDoubles(), cosines, from, until);
                    split(scores.get(1).toDoubles(), local, from, until);
                }
                alive.run();
            }
        }
        return new PairScores(cosines, local);
    }

    private static void split(double[] values, double[][] rows, int from, int until) {
        int width = values.length / (until - from);
        for (int i = from; i < until; i++) {
            rows[i] = new double[width];
            System.arraycopy(values, (i - from) * width, rows[i], 0, width);
        }
    }

    @Override
    public void close() {
        script.close();
    }

    /**
     * What {@link PriorInference} runs: evaluation mode, without noise. Its functions, beside those of {@link LocalScores}:
     *
     * <ul>
     *   <li>{@code images}: [N, 1, S, S] to v_g [N, dim], V [N, P, dim] and both projections of V;
     *   <li>{@code texts}: ids, attention mask and sentence map [C, L] to x [T, dim], S [T, dim], both projections of S, t_g [C, dim]
     *       and the number of sentences of each text [C];
     *   <li>{@code scores}: v_g and both projections of V of all images, which of them are meant, int64 [n], and what there is of
     *       all texts, to the cosines and the local scores, each [n, C];
     *   <li>{@code maps_of}: {@code local_maps} of the text whose sentences are meant, int64 [M];
     *   <li>{@code prototypes}: x [T, dim] and a temperature to softmax(x E^T / temperature) [T, K];
     *   <li>{@code joined}: tensors to one, along the first axis.
     * </ul>
     */
    private record InferenceScript(Prior prior, StageSpec stage) {
        ScriptBuilder program() {
            ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
            new LocalScores(prior.lam()).write(program);
            writeImages(program);
            writeTexts(program);
            ScriptOps.writeUnit(program);
            program.function(
                    "scores",
                    "v_g: Tensor, k1: Tensor, q1: Tensor, rows: Tensor, t_g: Tensor, q2: Tensor, k2: Tensor, place: Tensor,"
                            + " counts: Tensor",
                    "List[Tensor]",
                    """
                    chosen = torch.index_select(v_g, 0, rows)
                    cosines = torch.matmul(self.unit(p, chosen), torch.t(self.unit(p, t_g)))
                    k = torch.index_select(k1, 0, rows)
                    q = torch.index_select(q1, 0, rows)
                    return [cosines, self.local_scores(p, k, q, q2, k2, place, counts)]
                    """);
            program.function(
                    "maps_of",
                    "k1: Tensor, q1: Tensor, q2: Tensor, k2: Tensor, rows: Tensor",
                    "List[Tensor]",
                    "return self.local_maps(p, k1, q1, torch.index_select(q2, 0, rows), torch.index_select(k2, 0, rows))\n");
            program.function(
                    "prototypes",
                    "x: Tensor, tau: Tensor",
                    "Tensor",
                    "return torch.softmax(torch.div(self.spb_logits(p, x), float(tau)), -1)\n");
            program.function("joined", "parts: List[Tensor]", "Tensor", "return torch.cat(parts, 0)\n");
            return program;
        }

        private void writeImages(ScriptBuilder program) {
            prior.backbone().write(program);
            prior.imagePool().write(program, "image_pool");
            StageModules.writePatches(program);
            program.function("images", "images: Tensor", "List[Tensor]", """
                    local = self.patches(p, self.backbone(p, images))
                    every = torch.ones_like(torch.select(local, 2, 0), dtype=11)
                    v = %s
                    k1, q1, = self.of_patches(p, v)
                    return [%s, v, k1, q1]
                    """.formatted(
                            program.linear("projection.image_local", "local"),
                            program.linear("projection.image_global", "self.image_pool(p, local, every)")));
        }

        private void writeTexts(ScriptBuilder program) {
            prior.bert().write(program);
            prior.tokenPool().write(program, "token_pool");
            prior.bank().write(program);
            StageModules.writeReal(program);
            StageModules.writePooling(prior, program);
            program.function("texts", "ids: Tensor, attention_mask: Tensor, map: Tensor", "List[Tensor]", """
                    rows = int(torch.clamp_min(torch.max(map), 1))
                    valid = self.real(p, map, rows)
                    x = self.token_pool(p, %s, map, rows)
                    s = %s
                    real_x = torch.index(x, annotate(List[Optional[Tensor]], [valid]))
                    real_s = torch.index(s, annotate(List[Optional[Tensor]], [valid]))
                    q2, k2, = self.of_sentences(p, real_s)
                    return [real_x, real_s, q2, k2, self.report(p, s, valid), torch.sum(valid, [1])]
                    """.formatted(
                            program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"),
                            stage.has(Module.SPB) ? "self.spb_mix(p, self.spb_quiet(p, x), valid)" : "x"));
        }
    }

    /**
     * Images as a trained PRIOR sees them. Lives as long as the scope that it was made in.
     *
     * @param global v_g [N, dim], not normalised
     * @param patches V [N, P, dim]; patch = row * side + column of the grid
     * @param keys V Wk1 of LAM
     * @param queries V Wq1 of LAM
     */
    public record EncodedImages(Tensor global, Tensor patches, Tensor keys, Tensor queries) {
        /** Images N. */
        public int size() {
            return Math.toIntExact(global.shape().get(0));
        }

        /** Patches P of an image. */
        public int patchCount() {
            return Math.toIntExact(patches.shape().get(1));
        }
    }

    /**
     * LAM's weights between many images and many texts at once (prior.md 2.6, 4.3). A sentence's projections are made once, not
     * for every image. T sentences of C texts lie one after the other, without pads. Its functions:
     *
     * <ul>
     *   <li>{@code of_patches}: V [N, P, dim] to [V Wk1, V Wq1], each [N, P, dim];
     *   <li>{@code of_sentences}: S [T, dim] to [S Wq2, S Wk2], each [T, dim], divided by sqrt(dim);
     *   <li>{@code local_maps}: those of N images and of the M sentences of one text to A_s [N, M, P] and A_v [N, P, M];
     *   <li>{@code local_scores}: those of N images and of T sentences, {@code place} int64 [C * M], the number of each text's
     *       sentences, T at pads, and {@code counts} int64 [C], to half of (mean of A_s) + (mean of A_v) [N, C].
     * </ul>
     *
     * @param lam whose parameters they use
     */
    private record LocalScores(LocalAlignment lam) {
        void write(ScriptBuilder program) {
            writeProjections(program);
            boolean isSigmoid = lam.activation() == LamActivation.SIGMOID;
            program.function("local_logits", "patches: Tensor, sentences: Tensor", "Tensor", """
                    flat = torch.matmul(torch.flatten(patches, 0, 1), torch.t(sentences))
                    return torch.unflatten(flat, 0, [torch.size(patches, 0), torch.size(patches, 1)])
                    """); // [N, P, T]
            program.function(
                    "local_maps", "k1: Tensor, q1: Tensor, q2: Tensor, k2: Tensor", "List[Tensor]", """
                    s = torch.transpose(self.local_logits(p, k1, q2), 1, 2)
                    v = self.local_logits(p, q1, k2)
                    return [%s, %s]
                    """.formatted(
                                    isSigmoid ? "torch.sigmoid(s)" : "torch.softmax(s, 2)",
                                    isSigmoid ? "torch.sigmoid(v)" : "torch.softmax(v, 2)"));
            program.function(
                    "local_scores",
                    "k1: Tensor, q1: Tensor, q2: Tensor, k2: Tensor, place: Tensor, counts: Tensor",
                    "Tensor",
                    isSigmoid ? SIGMOID_MEANS : SOFTMAX_MEANS);
        }

        private void writeProjections(ScriptBuilder program) {
            program.function(
                    "of_patches",
                    "v: Tensor",
                    "List[Tensor]",
                    "return [%s, %s]\n"
                            .formatted(
                                    program.linear(lam.name() + ".image.k_proj", "v"),
                                    program.linear(lam.name() + ".image.q_proj", "v")));
            program.function(
                    "of_sentences",
                    "s: Tensor",
                    "List[Tensor]",
                    "return [torch.div(%s, %s), torch.div(%s, %s)]\n"
                            .formatted(
                                    program.linear(lam.name() + ".text.q_proj", "s"),
                                    Math.sqrt(lam.dim()),
                                    program.linear(lam.name() + ".text.k_proj", "s"),
                                    Math.sqrt(lam.dim())));
        }

        /** Sums over a text's sentences go by a gather, as additions in no fixed order would have other bits each time. */
        private static final String SIGMOID_MEANS = """
                a_s = torch.sigmoid_(self.local_logits(p, k1, q2))
                a_v = torch.sigmoid_(self.local_logits(p, q1, k2))
                each = torch.mean(torch.add_(a_s, a_v), [1])
                padded = torch.cat([each, torch.zeros_like(torch.narrow(each, 1, 0, 1))], 1)
                own = torch.unflatten(torch.index_select(padded, 1, place), 1, [torch.size(counts, 0), -1])
                return torch.div(torch.sum(own, [2]), torch.mul(torch.to(counts, each.dtype), 2))
                """;

        /** Weights that sum up to 1 have the same mean whatever they are: 1/P over patches, 1/M over sentences. */
        private static final String SOFTMAX_MEANS = """
                text = torch.reciprocal(torch.mul(torch.to(counts, k1.dtype), 2))
                both = torch.add(text, torch.div(torch.ones_like(text), torch.mul(torch.size(k1, 1), 2)))
                return torch.expand(torch.unsqueeze(both, 0), [torch.size(k1, 0), torch.size(counts, 0)])
                """;
    }
}
