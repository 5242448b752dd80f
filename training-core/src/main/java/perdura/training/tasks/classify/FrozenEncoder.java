package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import java.util.List;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.StateDigest;
import perdura.training.checkpoint.TrainState;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.Initializer;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.StateDictLayout;
import perdura.training.tasks.EncoderWeights;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** An image encoder in evaluation mode whose weights no step changes. Lives as long as its engine. */
final class FrozenEncoder {
    private final Torch torch;
    private final int features;
    private final Script script;
    private final List<Tensor> arguments;
    private final String digest;

    /** @param seed the run seed: that of a random encoder */
    FrozenEncoder(Torch torch, ImageEncoder encoder, EncoderWeights weights, long seed) {
        StateDictLayout layout = encoder.layout();
        Parameters parameters = layout.allocate(torch, ElementType.F32);
        Initializer.fill(torch, layout, parameters, seed);
        weights.copyInto(encoder, layout, parameters);
        ScriptBuilder program = encoder.frozen();
        this.torch = torch;
        this.features = encoder.features();
        this.script = Script.compile(torch, program.text());
        this.arguments = program.arguments(parameters);
        this.digest = StateDigest.of(Position.START, TrainState.ofWeights(parameters.copyOut()));
    }

    /** Numbers in a feature. */
    int features() {
        return features;
    }

    /** One number for all its weights and buffers. */
    String digest() {
        return digest;
    }

    /**
     * Encodes images.
     *
     * @param images of the given shape [B, channels, S, S], normalised
     * @return [B, features]
     */
    FloatBuffer features(FloatBuffer images, long... shape) {
        try (StepScope scope = torch.newStep()) {
            double[] values = script.call(scope, "features", List.of(arguments), scope.floats(images, shape))
                    .get(0)
                    .toDoubles();
            FloatBuffer out = FloatBuffer.allocate(values.length);
            for (double value : values) {
                out.put((float) value); // a float32 on both sides
            }
            return out.flip();
        }
    }
}
