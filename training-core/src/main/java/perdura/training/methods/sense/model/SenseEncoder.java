package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.List;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Gradients;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * SENSE's encoders and projectors as they answer without learning, in evaluation mode: of the momentum weights in training and for study
 * features, of the normal ones in evaluation (sense.md 3a, 3c, 4). Results live in the scope that a call is given.
 */
public final class SenseEncoder implements AutoCloseable {
    private final Script script;
    private final List<Tensor> arguments;

    /**
     * Compiles the program.
     *
     * @param parameters all of {@link Sense#layout}; they stay the caller's, and a call sees the values that they have then
     */
    public SenseEncoder(Torch torch, Parameters parameters, Sense sense) {
        ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
        sense.writeEncoders(program);
        sense.spaces().forEach(space -> sense.writeHead(program, space));
        TextPooling.writeActivations(program);
        program.function(
                "cosine", "t: Tensor, z: Tensor", "Tensor", "return torch.sum(torch.mul(self.text_cross(p, t), z))\n");
        program.function("size", "x: Tensor", "Tensor", "return torch.abs(x)\n");
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
    }

    /**
     * Features of images.
     *
     * @param images [N, 3, S, S], normalised; one call of the engine, so N is what the memory bears
     * @return v [N, dv]
     */
    public Tensor images(StepScope scope, Tensor images) {
        return call(scope, "features", images);
    }

    /**
     * Vectors of sentences, each encoded alone: the first maximum of Max-Max pooling.
     *
     * @param ids int64 [S, T], padded with 0
     * @param mask int64 [S, T]
     * @return [S, dt]
     */
    public Tensor sentences(StepScope scope, Tensor ids, Tensor mask) {
        return call(scope, "sentences", ids, mask);
    }

    /**
     * Features of reports from the vectors of their sentences: the second maximum.
     *
     * @param sentences [S, dt]
     * @param places as of {@link ReportTensors}
     * @return t [B, dt]
     */
    public Tensor reports(StepScope scope, Tensor sentences, Tensor places) {
        return call(scope, "reports", sentences, places);
    }

    /** Features of reports, t [B, dt]. */
    public Tensor reports(StepScope scope, ReportTensors texts) {
        return script.call(scope, "texts", List.of(arguments, texts.ids(), texts.masks()), texts.places())
                .get(0);
    }

    /** z^v = n(p_cro(v)) [N, D] of features of images. */
    public Tensor crossImages(StepScope scope, Tensor features) {
        return call(scope, "image_cross", features);
    }

    /** z^t = n(p_cro(t)) [B, D] of features of reports. */
    public Tensor crossReports(StepScope scope, Tensor features) {
        return call(scope, "text_cross", features);
    }

    /**
     * The keys of a batch, in the order of the queues: z^v, z^t and, where S-UMC has projectors of its own, u^v and u^t, each [B, D].
     *
     * @param isUni whether S-UMC needs its own
     */
    List<Tensor> keys(StepScope scope, SenseStep.View view, boolean isUni) {
        Tensor v = images(scope, view.images());
        Tensor t = reports(scope, view.texts());
        List<Tensor> keys = new ArrayList<>(List.of(crossImages(scope, v), crossReports(scope, t)));
        if (isUni) {
            keys.add(call(scope, "image_uni", v));
            keys.add(call(scope, "text_uni", t));
        }
        return keys;
    }

    /**
     * How much of a report's feature each token makes: the share of dimensions that it wins (sense.md 5, A4). They add up to 1 for each
     * report, where no sentence stands twice in it.
     *
     * @param ids of the sentences, int64 [S, T]
     * @param mask int64 [S, T]
     * @param places as of {@link ReportTensors}
     * @param weights of the dimensions for each report [B, dt], at least 0: ones, or how strongly each moves a score
     * @return [B, M, T], for the tokens of each report's sentences in its order
     */
    public Tensor activations(StepScope scope, Tensor ids, Tensor mask, Tensor places, Tensor weights) {
        return call(scope, "activations", ids, mask, places, weights);
    }

    /**
     * How strongly each dimension of reports' features moves the cosine with an image: |d cos(z^v, z^t) / d t| (sense.md 5, A4), as weights of
     * {@link #activations}.
     *
     * @param reports t [B, dt], of this scope
     * @param images z^v [B, D]
     * @return [B, dt]
     */
    public Tensor influence(StepScope scope, Tensor reports, Tensor images) {
        Gradients.startFrom(List.of(reports));
        Gradients.backward(scope, Gradients.record(() -> call(scope, "cosine", reports, images)));
        return call(scope, "size", Gradients.of(List.of(reports)).get(0));
    }

    private Tensor call(StepScope scope, String function, Tensor... tensors) {
        return script.call(scope, function, List.of(arguments), tensors).get(0);
    }

    @Override
    public void close() {
        script.close();
    }
}
