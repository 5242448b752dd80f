package perdura.training.nn;

import org.jspecify.annotations.Nullable;

/**
 * One linear layer, {@code head}, that gives a logit for each label, on images or on features that an encoder has made
 * (prior.md 4.2, sense.md 4.2). Its programs have the functions {@code logits}, which takes inputs [B, ...] to [B, labels],
 * and {@code loss}, which takes inputs and targets [B, labels] to the mean binary cross-entropy [];
 * {@code torch.nn.functional.binary_cross_entropy_with_logits}.
 */
public record Classifier(@Nullable ImageEncoder encoder, int features, int labels) {
    /** Encoder and head, all of it trained; inputs are images [B, channels, S, S]. */
    public static Classifier onImages(ImageEncoder encoder, int labels) {
        return new Classifier(encoder, encoder.features(), labels);
    }

    /** The head alone; inputs are features [B, features]. */
    public static Classifier onFeatures(int features, int labels) {
        return new Classifier(null, features, labels);
    }

    /** All parameters and buffers; the head has PyTorch's default first values. */
    public StateDictLayout layout() {
        StateDictLayout layout = new StateDictLayout();
        if (encoder != null) {
            encoder.declare(layout);
        }
        layout.linear("head", features, labels);
        return layout;
    }

    /** The forward pass in a mode. */
    public ScriptBuilder program(ScriptBuilder.Mode mode) {
        ScriptBuilder program = new ScriptBuilder(mode);
        if (encoder != null) {
            encoder.write(program);
        }
        String x = encoder == null ? "x" : "self.features(p, x)";
        program.function("logits", "x: Tensor", "Tensor", "return " + program.linear("head", x) + "\n");
        program.function(
                "loss",
                "x: Tensor, y: Tensor",
                "Tensor",
                "return torch.binary_cross_entropy_with_logits(self.logits(p, x), y, None, None, 1)\n");
        return program;
    }
}
