package perdura.grids.spec;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data of a pre-training: an ingested data set, or the files of one, which are ingested first.
 *
 * @param dataset name or digest of an ingested data set; null with a source
 * @param source the files; null with an ingested data set
 * @param split which official splits enter the training
 * @param allowedLeaks downstream data sets that may share patients or images with the training
 */
public record DataSpec(@Nullable String dataset, @Nullable Source source, Split split, List<AllowedLeak> allowedLeaks) {
    public DataSpec {
        allowedLeaks = List.copyOf(allowedLeaks);
        if ((dataset == null) == (source == null)) {
            throw new IllegalArgumentException("data are a dataset or a source, was " + dataset + " and " + source);
        }
    }

    /**
     * The files of a data set (prior.md 1).
     *
     * @param format what they are
     * @param root folder of the data set in the layout of its owner, or a zip file of it; absolute after reading
     * @param vocabulary WordPiece vocabulary, one piece a line; a relative one begins at the root
     * @param minSentences studies with fewer sentences are left out, at least 1
     */
    public record Source(SourceSet format, Path root, Path vocabulary, int minSentences) {
        public Source {
            vocabulary = root.resolve(vocabulary).normalize();
        }
    }

    /**
     * The written word that the training may see what a downstream task is tested on.
     *
     * @param dataset name or digest of the downstream data set
     * @param reason why that is right here, for people; not blank
     */
    public record AllowedLeak(String dataset, String reason) {}

    /** Which official splits enter the training. */
    public enum Split {
        TRAIN,
        ALL
    }

    /** An ingested data set. */
    public static DataSpec ingested(String dataset, Split split) {
        return new DataSpec(dataset, null, split, List.of());
    }

    /** Files. */
    public static DataSpec files(Source source, Split split) {
        return new DataSpec(null, source, split, List.of());
    }
}
