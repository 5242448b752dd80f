package perdura.datasets.ingest;

import java.util.Optional;
import perdura.datasets.source.FileStamp;

/** Images that an earlier ingest has made from files that have not changed since. */
interface KnownImages {
    /** Knows nothing: every file is read. */
    KnownImages NONE = (sampleId, imageId, stamp) -> Optional.empty();

    /**
     * Looks an image up.
     *
     * @param stamp of its file now
     */
    Optional<KnownImage> find(String sampleId, String imageId, FileStamp stamp);

    /**
     * What is known of one.
     *
     * @param views pixels of each view
     */
    record KnownImage(String sha256, String pixels, int width, int height, java.util.List<byte[]> views) {}
}
