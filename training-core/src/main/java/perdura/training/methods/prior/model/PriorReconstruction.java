package perdura.training.methods.prior.model;

import java.util.List;
import java.util.Objects;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.EncodedReport;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * What a trained PRIOR makes of images and their reports (prior.md 2.8, 5): images from hidden patches and the report, and which
 * prototypes it predicts from the image. Evaluation mode; what is hidden is a function of a seed. For the thread of its engine.
 */
public final class PriorReconstruction implements AutoCloseable {
    /**
     * Of N images with their reports.
     *
     * @param images [N, 1, S, S], z-scored
     * @param told shares of the K prototypes in each report's first Q sentences, softmax(x E^T) summed up [N, K]; a row sums up to 1
     * @param predicted the same of the predicted prototypes that match those sentences
     */
    public record Result(Tensor images, Tensor told, Tensor predicted) {}

    private final Script script;
    private final List<Tensor> arguments;
    private final NoiseSource noise;

    /**
     * Compiles the program.
     *
     * @param parameters all of {@link Prior#layout}; they stay the caller's
     * @param stage that trained them; it has the reconstruction
     */
    public PriorReconstruction(Torch torch, Parameters parameters, Prior prior, StageSpec stage) {
        if (!stage.has(StageSpec.Module.CCR)) {
            throw new IllegalArgumentException("stage " + stage.stage() + " has no reconstruction");
        }
        ScriptBuilder program = new ReconstructionScript(prior).program();
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
        this.noise = new NoiseSource(torch, parameters, prior);
    }

    /**
     * Reconstructs, in one call of the engine.
     *
     * @param images [N, 1, S, S], z-scored
     * @param reports N, each with at least one sentence
     * @param seed decides what is hidden
     */
    public Result reconstruct(StepScope scope, Tensor images, List<EncodedReport> reports, long seed) {
        List<Tensor> text = TextTensors.of(scope, reports);
        StageNoise drawn = noise.draw(
                scope,
                new StageNoise.Needs(false, false, true),
                reports.size(),
                1,
                purpose -> Seeds.hash64("reconstruction", purpose, seed));
        List<Tensor> made = script.call(
                scope,
                "reconstruct",
                List.of(arguments),
                images,
                text.get(0),
                text.get(1),
                text.get(2),
                Objects.requireNonNull(drawn.keep()));
        Tensor inverse = StageForward.match(scope, made.get(3));
        List<Tensor> shares =
                script.call(scope, "shares", List.of(arguments), made.get(1), made.get(2), text.get(2), inverse);
        return new Result(made.get(0), shares.get(0), shares.get(1));
    }

    @Override
    public void close() {
        noise.close();
        script.close();
    }

    /**
     * What {@link PriorReconstruction} runs: evaluation mode, the bank without noise, but patches hidden as in training. Its functions:
     *
     * <ul>
     *   <li>{@code reconstruct}: images [N, 1, S, S], ids, attention mask and sentence map [N, L] and what is kept of the patches to
     *       images [N, 1, S, S], x and Y [N, Q, dim] and the cost of matching them [N, Q, Q];
     *   <li>{@code shares}: x, Y, the map and the query of each target [N, Q] to the distributions over the bank of each report's
     *       sentences and of the predictions that match them, each [N, K].
     * </ul>
     */
    private record ReconstructionScript(Prior prior) {
        ScriptBuilder program() {
            ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
            prior.backbone().write(program);
            StageModules.writePatches(program);
            prior.bert().write(program);
            prior.tokenPool().write(program, "token_pool");
            StageModules.writeReal(program, prior.spec());
            prior.bank().write(program);
            prior.lam().writePatches(program);
            prior.imageDecoder().write(program);
            prior.sentenceDecoder().write(program);
            new CrossModality(prior.spec().ccr()).write(program);
            int queries = prior.spec().queries();
            program.function(
                    "reconstruct",
                    "images: Tensor, ids: Tensor, attention_mask: Tensor, map: Tensor, keep: Tensor",
                    "List[Tensor]",
                    """
                    v = %s
                    tokens = %s
                    valid = self.real(p, map, %d)
                    x = self.token_pool(p, tokens, map, %d)
                    s = self.spb_mix(p, self.spb_quiet(p, x), valid)
                    a_v, s_hat, = self.lam_patches(p, v, s, valid)
                    y = self.sentence_decoder(p, v)
                    return [self.image_decoder(p, self.hide(p, v, keep), s_hat), x, y, self.matching_cost(p, y, s)]
                    """.formatted(
                            program.linear("projection.image_local", "self.patches(p, self.backbone(p, images))"),
                            program.linear("projection.text_local", "self.bert(p, ids, attention_mask)"),
                            queries,
                            queries));
            program.function("share", "x: Tensor, valid: Tensor", "Tensor", """
                    weights = torch.softmax(self.spb_logits(p, x), -1)
                    weights = torch.where(torch.unsqueeze(valid, 2), weights, torch.zeros_like(weights))
                    return torch.div(torch.sum(weights, [1]), torch.sum(valid, [1], True))
                    """);
            program.function(
                    "shares", "x: Tensor, y: Tensor, map: Tensor, inverse: Tensor", "List[Tensor]", """
                    valid = self.real(p, map, %d)
                    return [self.share(p, x, valid), self.share(p, self.aligned(p, y, inverse), valid)]
                    """.formatted(
                                    queries));
            return program;
        }
    }
}
