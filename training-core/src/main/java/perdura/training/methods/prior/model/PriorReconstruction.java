package perdura.training.methods.prior.model;

import java.util.List;
import java.util.Objects;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.EncodedReport;
import perdura.grids.spec.StageSpec;
import perdura.training.nn.ScriptBuilder;
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
}
