package perdura.training.weights;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to import.
 *
 * @param file a file of weights, or a folder of Hugging Face or of ours with one in it
 * @param kind what to look for in it, or null to find it out
 * @param prefix what the names of the model begin with, or null to find it out
 * @param heads of the text encoder, where no config.json says it, or null
 * @param name to give the weights, or null
 */
public record WeightImport(
        Path file,
        @Nullable WeightKind kind,
        @Nullable String prefix,
        @Nullable Integer heads,
        @Nullable String name) {}
