package perdura.training.methods.sense.spec;

/**
 * Study features and their clusters, made anew for each epoch (sense.md 3a, 3b).
 *
 * @param count K, at most the number of studies
 * @param fromEpoch the first epoch that has clusters; S-MMC and {@code clusterMask} are off before
 * @param iterations most rounds of Lloyd's algorithm
 * @param warmStart whether an epoch begins with the centroids of the one before
 * @param emptyClusters which cluster an empty one takes half of
 * @param studyImages which images a study's feature is made of
 * @param fusion how the features of image and report are joined
 * @param concentration whether each cluster has a temperature of its own
 * @param shardStudies studies whose features are computed at a time
 * @param memoryMib what K-means takes at most beside features and centroids, MiB; changes no bit
 */
public record ClusterSpec(
        int count,
        int fromEpoch,
        int iterations,
        boolean warmStart,
        EmptyClusters emptyClusters,
        StudyImages studyImages,
        Fusion fusion,
        boolean concentration,
        int shardStudies,
        int memoryMib) {
    /** Which cluster an empty one takes half of. */
    public enum EmptyClusters {
        /** Drawn by size, as FAISS does. */
        SCAN,
        /** The largest; of equal ones the lowest. */
        LARGEST
    }

    /** Which images a study's feature is made of. */
    public enum StudyImages {
        /** All, by their mean. */
        ALL,
        /** The one that the epoch's batches see. */
        SAMPLED
    }

    /** How the features of image and report are joined. */
    public enum Fusion {
        /** n((a + b)/2) [D]. */
        MEAN,
        /** n([a; b]) [2D]. */
        CONCAT
    }

    /** Width of a study's feature, where a projector's output has {@code dim}. */
    public int width(int dim) {
        return fusion == Fusion.CONCAT ? 2 * dim : dim;
    }
}
