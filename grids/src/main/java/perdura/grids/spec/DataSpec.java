package perdura.grids.spec;

import java.nio.file.Path;

/**
 * The data of a pre-training (prior.md 1).
 *
 * @param root folder of the data set in the layout of its owner; absolute after reading
 * @param vocabulary WordPiece vocabulary, one piece a line; absolute after reading
 * @param split which official splits enter the training
 * @param minSentences studies with fewer sentences are left out, at least 1
 */
public record DataSpec(Format format, Path root, Path vocabulary, Split split, int minSentences) {
    /** How the data lies on disk. */
    public enum Format {
        MIMIC_CXR
    }

    /** Which official splits enter the training. */
    public enum Split {
        TRAIN,
        ALL
    }
}
