package perdura.training.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import perdura.training.weights.file.FileTensor;

/**
 * What is exported: a safetensors file with the names of ours, whose bytes have been checked.
 *
 * @param weights the file
 * @param image what the names of its image encoder begin with, or null if it has none
 * @param text what the names of its text encoder begin with, or null if it has none
 * @param heads of the text encoder, or null if nobody knows
 * @param vocabulary of the text encoder, or null if it is not known
 */
public record ExportSource(
        Path weights,
        @Nullable String image,
        @Nullable String text,
        @Nullable Integer heads,
        @Nullable Path vocabulary) {
    private static final String IMAGE = "image.backbone.";
    private static final String TEXT = "text.bert.";

    /** What the names begin with in the section that holds a trial's best weights. */
    private static final String BEST = "best.";

    /**
     * The model of a run's checkpoint.
     *
     * @param heads of its BERT; null if it has none
     */
    public static ExportSource ofCheckpoint(Path weights, @Nullable Integer heads, Path vocabulary) {
        return new ExportSource(
                weights,
                IMAGE,
                heads == null ? null : TEXT,
                heads,
                Files.isRegularFile(vocabulary) ? vocabulary : null);
    }

    /**
     * The model of a trial that learned from truths, as it was at its best epoch.
     *
     * @param best section of the checkpoint
     */
    public static ExportSource ofTrial(Path best) {
        return new ExportSource(best, BEST + IMAGE, null, null, null);
    }

    /** A tensor's name in the model. */
    String name(FileTensor tensor) {
        return tensor.name().startsWith(BEST) ? tensor.name().substring(BEST.length()) : tensor.name();
    }

    /** Imported weights. */
    public static ExportSource of(WeightSet set) {
        BertSizes text = set.manifest().text();
        Integer heads = text == null ? null : (Integer) text.likelyHeads();
        Path vocabulary = set.manifest().files().containsKey(WeightSet.VOCABULARY)
                ? set.folder().resolve(WeightSet.VOCABULARY)
                : null;
        return switch (set.manifest().kind()) {
            case RESNET -> new ExportSource(set.weights(), "", null, null, null);
            case BERT -> new ExportSource(set.weights(), null, "", heads, vocabulary);
            case PRIOR -> new ExportSource(set.weights(), IMAGE, TEXT, heads, vocabulary);
        };
    }
}
