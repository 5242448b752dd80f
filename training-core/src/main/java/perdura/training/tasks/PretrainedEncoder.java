package perdura.training.tasks;

import org.jspecify.annotations.Nullable;
import perdura.datasets.data.Normalization;
import perdura.training.nn.ImageEncoder;

/**
 * An image encoder that a trial begins with, as far as it is known before its weights are read.
 *
 * @param name for messages, for instance {@code stage 2 of run prior-1}
 * @param scale the normalisation of its pre-training
 * @param model the model that it is a part of; null where the encoder is all there is
 */
public record PretrainedEncoder(
        String name,
        ImageEncoder sizes,
        Normalization scale,
        @Nullable PretrainedModel model) {}
